"""Real APKs, built by Android's own tools: aapt and apksigner."""

import os
import subprocess

FRAMEWORK = "/usr/share/android-framework-res/framework-res.apk"
PACKAGE = "com.example.e2e"
LABEL = "Probe für Töne"

BASE = """<?xml version="1.0" encoding="utf-8"?>
<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="{package}"
    android:versionCode="{code}" android:versionName="{code}.0">
  <uses-sdk android:minSdkVersion="21" android:targetSdkVersion="29"/>
  <uses-permission android:name="android.permission.INTERNET"/>
  <application android:label="@string/app_name" android:hasCode="false">
    <activity android:name=".MainActivity">
      <intent-filter>
        <action android:name="android.intent.action.MAIN"/>
        <category android:name="android.intent.category.LAUNCHER"/>
      </intent-filter>
    </activity>
  </application>
</manifest>
"""

SPLIT = """<?xml version="1.0" encoding="utf-8"?>
<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="{package}"
    android:versionCode="{code}" split="config.de">
  <application android:hasCode="false"/>
</manifest>
"""

STRINGS = '<?xml version="1.0" encoding="utf-8"?>\n<resources><string name="app_name">{label}</string></resources>\n'


def run(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, (command, done.stderr, done.stdout)


class Apks:
    """The same app as version 1, under another label, and as version 2; a split of version 1; no APK at all."""

    def __init__(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.make_key()
        self.one = self.build("one", BASE, 1)
        self.renamed = self.build("renamed", BASE, 1, label="Another name")
        self.two = self.build("two", BASE, 2, noise_bytes=3_000_000)
        self.split = self.build("split", SPLIT, 1)
        self.broken = folder / "broken.apk"
        self.broken.write_bytes(bytes(range(256)) * 64)

    def make_key(self):
        pem = self.folder / "key.pem"
        self.key, self.certificate = self.folder / "key.pk8", self.folder / "certificate.pem"
        kind = ["-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=e2e", "-days", "10000"]
        run("openssl", "req", *kind, "-keyout", pem, "-out", self.certificate)
        run("openssl", "pkcs8", "-topk8", "-nocrypt", "-outform", "DER", "-in", pem, "-out", self.key)

    def build(self, name, manifest, code, label=LABEL, noise_bytes=1000):
        folder = self.folder / name
        values = folder / "res" / "values"
        values.mkdir(parents=True)
        (folder / "AndroidManifest.xml").write_text(manifest.format(package=PACKAGE, code=code))
        (values / "strings.xml").write_text(STRINGS.format(label=label))
        assets = folder / "assets"
        assets.mkdir()
        (assets / "noise").write_bytes(os.urandom(noise_bytes))
        unsigned, signed = folder / "unsigned.apk", self.folder / f"{name}.apk"
        sources = ["-M", folder / "AndroidManifest.xml", "-S", folder / "res", "-A", assets, "-I", FRAMEWORK]
        run("aapt", "package", "-f", *sources, "-F", unsigned)
        run("apksigner", "sign", "--key", self.key, "--cert", self.certificate, "--out", signed, unsigned)
        return signed
