//! The battery, as `dumpsys battery` shows and sets it.

/// A battery: full and charging unless somebody says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Battery {
    ac: bool,
    usb: bool,
    wireless: bool,
    status: i32,
    level: i32,
    temperature: i32,
    present: bool,
    counter: i32,
}

impl Default for Battery {
    fn default() -> Self {
        let (ac, usb, wireless, present) = (true, false, false, true);
        Self { ac, usb, wireless, status: 5, level: 100, temperature: 250, present, counter: 10_000 }
    }
}

impl Battery {
    /// As Android prints it.
    pub(crate) fn text(&self) -> String {
        format!(
            "Current Battery Service state:\n  AC powered: {}\n  USB powered: {}\n  Wireless powered: {}\n  \
             Max charging current: 0\n  Max charging voltage: 0\n  Charge counter: {}\n  status: {}\n  \
             health: 2\n  present: {}\n  level: {}\n  scale: 100\n  voltage: 5000\n  temperature: {}\n  \
             technology: Li-ion\n",
            self.ac,
            self.usb,
            self.wireless,
            self.counter,
            self.status,
            self.present,
            self.level,
            self.temperature
        )
    }

    /// How full it is, of 100.
    pub(crate) fn level(&self) -> i32 {
        self.level
    }

    /// Nothing charges it any more.
    pub(crate) fn unplug(&mut self) {
        (self.ac, self.usb, self.wireless) = (false, false, false);
    }

    /// Sets one of its values; what is wrong when that cannot be.
    pub(crate) fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let Ok(number) = value.parse::<i32>() else { return Err(format!("Bad value: {value}")) };
        match key {
            "ac" => self.ac = number != 0,
            "usb" => self.usb = number != 0,
            "wireless" => self.wireless = number != 0,
            "present" => self.present = number != 0,
            "status" => self.status = number,
            "level" => self.level = number,
            "counter" => self.counter = number,
            "temp" => self.temperature = number,
            _ => return Err(format!("Unknown set option: {key}")),
        }
        Ok(())
    }
}
