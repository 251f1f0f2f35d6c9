namespace Estream.Wire.Modbus;

/// <summary>Why a device did not perform a request (Modbus Application Protocol V1.1b3, chapter 7).</summary>
public enum ModbusExceptionCode : byte
{
    /// <summary>No exception.</summary>
    None = 0x00,

    /// <summary>The device does not have this function.</summary>
    IllegalFunction = 0x01,

    /// <summary>The device does not have one of the addresses.</summary>
    IllegalDataAddress = 0x02,

    /// <summary>A quantity or a value of the request is not valid.</summary>
    IllegalDataValue = 0x03,

    /// <summary>The device failed.</summary>
    ServerDeviceFailure = 0x04,

    /// <summary>The device accepted the request and needs a long time for it.</summary>
    Acknowledge = 0x05,

    /// <summary>The device is busy. Try again later.</summary>
    ServerDeviceBusy = 0x06,

    /// <summary>A file record has a parity error.</summary>
    MemoryParityError = 0x08,

    /// <summary>A gateway has no path to the unit.</summary>
    GatewayPathUnavailable = 0x0A,

    /// <summary>A gateway got no response from the unit.</summary>
    GatewayTargetFailedToRespond = 0x0B,
}
