namespace Estream.Wire.Modbus;

/// <summary>The outcome of a request.</summary>
public enum ModbusStatus
{
    /// <summary>The device performed the request.</summary>
    Ok,

    /// <summary>The device refused the request; see <see cref="ModbusResult.Exception"/>.</summary>
    Exception,

    /// <summary>The device did not answer in time. It may have performed the request.</summary>
    Timeout,

    /// <summary>There is no connection, or it ended before the response. The device may have performed the request.</summary>
    NotConnected,

    /// <summary>The device answered with another function, unit, length or value, or with a wrong CRC.</summary>
    InvalidResponse,
}

/// <summary>The outcome of a request, with the length of its response.</summary>
/// <param name="Status">The outcome.</param>
/// <param name="Exception">Why the device refused the request; <see cref="ModbusExceptionCode.None"/> if it did not.</param>
/// <param name="Length">The bytes of the response PDU; 0 without a response.</param>
public readonly record struct ModbusResult(ModbusStatus Status, ModbusExceptionCode Exception, int Length)
{
    /// <summary>Whether the device performed the request.</summary>
    public bool IsOk => Status == ModbusStatus.Ok;

    /// <summary>The outcome as one phrase for an operator.</summary>
    public string Describe() => Status switch
    {
        ModbusStatus.Ok => "ok",
        ModbusStatus.Exception => $"exception {(byte)Exception:X2} ({(Enum.IsDefined(Exception) ? Exception : "unknown")})",
        ModbusStatus.Timeout => "no response in time",
        ModbusStatus.NotConnected => "no connection",
        _ => "a response that does not match the request",
    };
}
