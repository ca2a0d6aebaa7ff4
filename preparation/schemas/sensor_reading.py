"""Measurements over time: machines, buildings, weather, wearables, meters, servers."""

from datetime import datetime

from core.dataset import PersonalData
from preparation.model import DatasetModel, column


class SensorReading(
    DatasetModel,
    words=(
        "sensor, sensors, temp, temperature, humidity, pressure, vibration, voltage, current, kwh, watt, power, "
        "rpm, torque, accel, accelerometer, gyro, gyroscope, magnetometer, ecg, eeg, emg, ppg, co2, pm25, pm10, "
        "ozone, rainfall, precipitation, wind, gust, lux, luminosity, moisture, telemetry, reading, meter, humidex, "
        "dew, barometer, thermocouple, coolant, turbine, bearing, sunshine, evaporation, steps, calories, "
        "occupancy, cpu, utilization, umidade, temperatura, humedad, feuchte, temperatur, pressao, druck, hr, bpm, "
        "spo2, tide, irradiance, irradiation, solar, no2, so2, nox, nmhc, imu, radiation, setting, cycle, cycles, "
        "snow, visibility, probe, logger, aqs, aqi, pm, poc, wdir, wspd, wvht, atmp, wtmp, dewp, gst, wdsp, mxspd, "
        "prcp, sndp, snwd, tmax, tmin, tavg, slp"
    ),
):
    """What a sensor measured at one moment."""

    time: datetime = column(
        description="When it was measured.",
        synonyms=(
            "timestamp, datetime, elapsed time, date time, date, ts, recorded at, measured at, reading time, event "
            "time, created at, utc time, local time, zeitstempel, fecha, fecha hora, data hora, data, zeit, datum, "
            "uhrzeit, horodatage, activity minute, activity hour, activity date, sample time, time stamp, "
            "observation time, time utc, date utc, logged at, received at, last updated, measurement time, dt, "
            "tstp, date and time, utc, date utc, datetime utc"
        ),
        event_time=True,
        telling=0.6,
    )
    sensor_id: str = column(
        description="The sensor.",
        synonyms=(
            "sensor, device id, device, node id, mote id, station, station id, sensor name, device name, meter id, "
            "machine id, equipment id, unit number, unit id, asset id, engine id, turbine id, udi, gateway id, mac "
            "address, tag, tag name, lclid, host id, sensor no, thing id, station name, inverter id, source key, "
            "plant id, appliance, deveui, probe, channel, monitor, monitor id, aqs site id"
        ),
        telling=1.1,
    )
    sensor_type: str = column(
        description="Kind of sensor.", synonyms="device type, type of sensor, machine type, sensor model", telling=0.9
    )
    subject_id: str = column(
        description="The person or animal it is worn by.",
        synonyms=("subject, subject id, wearer, participant, participant id, user, user id, id, person"),
        personal=PersonalData.MEMBER_ID,
        telling=0.2,
    )
    location: str = column(
        description="Where the sensor is.",
        synonyms=(
            "room, place, site, building, floor, zone, area, room id, ort, local, city, region, standort, room name"
        ),
        telling=0.3,
    )
    latitude: float = column(
        description="Latitude.", unit="deg", synonyms="lat, gps lat, latitud", ge=-90, le=90, telling=0.3
    )
    longitude: float = column(
        description="Longitude.", unit="deg", synonyms="lon, lng, long, gps lon, longitud", ge=-180, le=180, telling=0.3
    )
    metric: str = column(
        description="What is measured, where a row has one measurement.",
        synonyms=(
            "measurement, parameter, variable, quantity name, measure, metric name, field, attribute, pollutant, "
            "characteristic"
        ),
        telling=0.6,
    )
    value: float = column(
        description="The measurement, where a row has one.",
        synonyms=(
            "reading, measured value, sensor value, val, wert, valor, mesure, observation, sensor reading, "
            "measurement value, data value"
        ),
        telling=0.6,
    )
    unit: str = column(
        description="Unit of the value.", synonyms="units, uom, einheit, unidad, unit of measure", telling=0.5
    )
    temperature: float = column(
        description="Temperature.",
        unit="Cel",
        synonyms=(
            "temp, temperatura, temperatur, air temperature, ambient temperature, temp c, t, temp avg, mean temp, "
            "avg temp, outdoor temperature, indoor temperature, room temp, water temperature, air temp, body "
            "temperature, ambient temp, temperature celsius, tavg, tmean, t degc, outside temperature, temperature "
            "mean, sensor temperature, temp out, skin temperature, temperature 2m, engine temperature, process "
            "temperature, module temperature, lufttemperatur"
        ),
        ge=-274,
    )
    temperature_min: float = column(
        description="Lowest temperature.",
        unit="Cel",
        synonyms="min temp, tmin, temp min, minimum temperature, low temp, mintemp",
        ge=-274,
    )
    temperature_max: float = column(
        description="Highest temperature.",
        unit="Cel",
        synonyms="max temp, tmax, temp max, maximum temperature, high temp, maxtemp",
        ge=-274,
    )
    dew_point: float = column(
        description="Dew point.", unit="Cel", synonyms="dewpoint, dew, tdew, taupunkt, dew point temperature"
    )
    humidity: float = column(
        description="Relative humidity.",
        unit="%",
        synonyms=(
            "hum, rh, relative humidity, umidade, humedad, feuchte, luftfeuchtigkeit, humidite, humidity pct, "
            "umidita, luftfeuchte"
        ),
        ge=0,
        le=110,
    )
    pressure: float = column(
        description="Pressure.",
        unit="hPa",
        synonyms=(
            "press, atmospheric pressure, air pressure, barometric pressure, baro, pressao, druck, presion, "
            "luftdruck, sea level pressure, slp, mslp, pression, barometer, p mbar, surface pressure, line pressure"
        ),
    )
    wind_speed: float = column(
        description="Wind speed.",
        unit="m/s",
        synonyms=("wind, windspeed, wspd, wind speed 10m, wind velocity, ws, vento, wv, windgeschwindigkeit"),
    )
    wind_direction: float = column(
        description="Wind direction.", unit="deg", synonyms="wind dir, wdir, wind bearing, wind degree, wd"
    )
    rainfall: float = column(
        description="Rain.",
        unit="mm",
        synonyms=(
            "rain, precipitation, precip, prcp, chuva, niederschlag, lluvia, rain mm, precipitacao, precipitation sum"
        ),
    )
    snow: float = column(description="Snow.", unit="mm", synonyms="snowfall, snow depth, snwd")
    solar_radiation: float = column(
        description="Sunlight.",
        unit="W/m2",
        synonyms=("radiation, irradiance, irradiation, ghi, solar irradiance, solar, swdr, shortwave radiation"),
    )
    light: float = column(
        description="Illuminance.",
        unit="lx",
        synonyms="lux, luminosity, illuminance, light level, brightness, luz, ldr",
    )
    sound: float = column(
        description="Sound level.", unit="dB", synonyms="noise, noise level, sound level, loudness, spl"
    )
    air_quality: float = column(
        description="Air quality index.", synonyms="aqi, air quality index, iaq, daily aqi value"
    )
    pm2_5: float = column(
        description="Fine dust, 2.5 µm.",
        unit="ug/m3",
        synonyms="pm25, pm 2.5, pm2.5, pm2p5, daily mean pm2.5 concentration",
    )
    pm10: float = column(description="Dust, 10 µm.", unit="ug/m3", synonyms="pm 10")
    co2: float = column(
        description="Carbon dioxide.", unit="ppm", synonyms="carbon dioxide, co 2, eco2, co2 ppm, co2 level"
    )
    co: float = column(description="Carbon monoxide.", unit="ppm", synonyms="carbon monoxide, co gt")
    no2: float = column(description="Nitrogen dioxide.", unit="ug/m3", synonyms="nitrogen dioxide, no2 gt")
    o3: float = column(description="Ozone.", unit="ug/m3", synonyms="ozone")
    so2: float = column(description="Sulphur dioxide.", unit="ug/m3", synonyms="sulfur dioxide, sulphur dioxide")
    soil_moisture: float = column(
        description="Soil moisture.", unit="%", synonyms="moisture, soil humidity, soil moisture level, soil water"
    )
    ph: float = column(description="Acidity.", synonyms="ph value, ph level, acidity", ge=0, le=14, telling=0.5)
    water_level: float = column(
        description="Water level.",
        unit="m",
        synonyms="level, gauge height, river level, tide, tank level, water height",
    )
    vibration: float = column(
        description="Vibration.",
        unit="mm/s",
        synonyms=("vib, vibration level, vibration rms, vibration x, rms vibration, vibration mm s"),
    )
    rotation_speed: float = column(
        description="Rotation.",
        unit="1/min",
        synonyms=("rpm, rotational speed, motor speed, shaft speed, engine rpm, spindle speed, rotor speed"),
    )
    torque: float = column(description="Torque.", unit="N.m", synonyms="motor torque, engine torque")
    tool_wear: float = column(description="Tool wear.", unit="min", synonyms="wear")
    flow_rate: float = column(
        description="Flow.",
        unit="l/min",
        synonyms=("flow, flowrate, water flow, discharge rate, vazao, caudal, durchfluss, flow rate lpm"),
    )
    voltage: float = column(
        description="Voltage.",
        unit="V",
        synonyms=(
            "volt, volts, v, voltage v, tensao, spannung, battery voltage, dc voltage, vbat, supply voltage, "
            "voltaje, u v"
        ),
    )
    current: float = column(
        description="Current.",
        unit="A",
        synonyms=("amps, amperage, ampere, corrente, strom, global intensity, corriente, load current, i a, current a"),
    )
    power: float = column(
        description="Power.",
        unit="W",
        synonyms=(
            "active power, global active power, power w, watts, watt, dc power, ac power, potencia, leistung, load, "
            "power consumption, power kw, real power"
        ),
        telling=0.8,
    )
    reactive_power: float = column(
        description="Reactive power.", unit="var", synonyms="global reactive power, reactive"
    )
    energy: float = column(
        description="Energy.",
        unit="kWh",
        synonyms=(
            "kwh, energy kwh, energy consumption, consumption, usage kwh, use kw, energy usage, total yield, daily "
            "yield, energia, verbrauch, appliances, electricity consumption, consumption kwh"
        ),
    )
    frequency: float = column(
        description="Mains frequency.", unit="Hz", synonyms="freq, hz, grid frequency, line frequency", telling=0.6
    )
    power_factor: float = column(description="Power factor.", synonyms="pf, cos phi, powerfactor")
    battery: float = column(
        description="Charge of the battery.",
        unit="%",
        synonyms=("battery level, battery pct, battery percentage, soc, state of charge, batt"),
    )
    signal_strength: float = column(
        description="Radio signal.", unit="dBm", synonyms="rssi, signal, snr, link quality, signal dbm", telling=0.8
    )
    speed: float = column(
        description="Speed.",
        unit="m/s",
        synonyms="velocity, speed kmh, gps speed, vehicle speed, velocidade",
        telling=0.4,
    )
    altitude: float = column(
        description="Height above sea level.", unit="m", synonyms="alt, elevation, height m", telling=0.4
    )
    acceleration_x: float = column(
        description="Acceleration along x.",
        unit="m/s2",
        synonyms=(
            "ax, acc x, accel x, accelerometer x, accx, x acceleration, accelerationx, tbodyacc mean x, back x, x axis"
        ),
    )
    acceleration_y: float = column(
        description="Acceleration along y.",
        unit="m/s2",
        synonyms=(
            "ay, acc y, accel y, accelerometer y, accy, y acceleration, accelerationy, tbodyacc mean y, back y, y axis"
        ),
    )
    acceleration_z: float = column(
        description="Acceleration along z.",
        unit="m/s2",
        synonyms=(
            "az, acc z, accel z, accelerometer z, accz, z acceleration, accelerationz, tbodyacc mean z, back z, z axis"
        ),
    )
    gyro_x: float = column(
        description="Rotation about x.", unit="deg/s", synonyms="gx, gyroscope x, gyr x, rotation x, gyrox"
    )
    gyro_y: float = column(
        description="Rotation about y.", unit="deg/s", synonyms="gy, gyroscope y, gyr y, rotation y, gyroy"
    )
    gyro_z: float = column(
        description="Rotation about z.", unit="deg/s", synonyms="gz, gyroscope z, gyr z, rotation z, gyroz"
    )
    heart_rate: float = column(
        description="Heart rate.",
        unit="/min",
        synonyms=("hr, bpm, heartrate, pulse, pulse rate, heart rate bpm, frequencia cardiaca, heart beat"),
        ge=0,
        le=400,
    )
    spo2: float = column(
        description="Blood oxygen.",
        unit="%",
        synonyms="oxygen saturation, blood oxygen, sao2, o2 sat, blood oxygen level",
        ge=0,
        le=110,
    )
    respiration_rate: float = column(
        description="Breaths.",
        unit="/min",
        synonyms="respiratory rate, resp rate, breathing rate, rr, resp",
        telling=0.8,
    )
    systolic: float = column(
        description="Systolic blood pressure.",
        unit="mm[Hg]",
        synonyms="sbp, systolic bp, systolic blood pressure, sys",
        telling=0.7,
    )
    diastolic: float = column(
        description="Diastolic blood pressure.",
        unit="mm[Hg]",
        synonyms="dbp, diastolic bp, diastolic blood pressure, dia",
        telling=0.7,
    )
    glucose: float = column(
        description="Glucose.", unit="mg/dL", synonyms="blood glucose, glucose level, cgm, bg, sgv", telling=0.6
    )
    ecg: float = column(
        description="Electrocardiogram.", unit="mV", synonyms="ekg, mlii, ecg value, lead i, lead ii, ecg mv"
    )
    steps: float = column(
        description="Steps.", synonyms="step count, total steps, step total, steps count", telling=0.9
    )
    calories: float = column(
        description="Energy burnt.", unit="kcal", synonyms="calories burned, calories burnt", telling=0.6
    )
    cpu_usage: float = column(
        description="Processor load.",
        unit="%",
        synonyms=("cpu, cpu utilization, cpu percent, cpu load, cpu util, cpu usage pct, cpuutilization"),
    )
    memory_usage: float = column(
        description="Memory in use.",
        unit="%",
        synonyms="memory, mem, memory percent, ram usage, mem usage, memory utilization",
    )
    disk_usage: float = column(
        description="Disk in use.", unit="%", synonyms="disk, disk percent, disk utilization, disk io"
    )
    network_traffic: float = column(
        description="Traffic.", unit="By", synonyms="network in, network out, network usage, network io", telling=0.6
    )
    remaining_life: float = column(
        description="Remaining useful life.",
        synonyms="rul, remaining useful life, time cycles, cycle, cycles, time in cycles",
    )
    status: str = column(
        description="State that the device reports.",
        synonyms=("state, machine status, device status, operational mode, mode, condition"),
        telling=0.2,
    )
    anomaly: float = column(
        description="Whether it is known to be abnormal: 1 or the label's number.",
        synonyms=(
            "actual anomaly, is anomaly, anomaly label, label, failure, machine failure, fault, anomaly flag, "
            "outlier, anomaly score, faulty, target, fail"
        ),
        telling=0.5,
    )
