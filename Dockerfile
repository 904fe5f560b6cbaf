# Built from what scripts/rootfs.sh lays out: make image-rootfs && docker build -t phoneyard target/image
FROM scratch
ADD rootfs.tar /
USER 10001:10001
ENV PHONEYARD_DATA_DIR=/var/lib/phoneyard \
    PHONEYARD_LISTEN=0.0.0.0:8080
VOLUME /var/lib/phoneyard
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["/usr/bin/phoneyard", "status"]
ENTRYPOINT ["/usr/bin/phoneyard"]
CMD ["serve"]
