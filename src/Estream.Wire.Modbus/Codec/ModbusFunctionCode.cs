namespace Estream.Wire.Modbus;

/// <summary>The public function codes (Modbus Application Protocol V1.1b3, chapter 6).</summary>
public enum ModbusFunctionCode : byte
{
    /// <summary>Not a function code.</summary>
    None = 0,

    /// <summary>Reads 1 to 2,000 coils (6.1).</summary>
    ReadCoils = 0x01,

    /// <summary>Reads 1 to 2,000 discrete inputs (6.2).</summary>
    ReadDiscreteInputs = 0x02,

    /// <summary>Reads 1 to 125 holding registers (6.3).</summary>
    ReadHoldingRegisters = 0x03,

    /// <summary>Reads 1 to 125 input registers (6.4).</summary>
    ReadInputRegisters = 0x04,

    /// <summary>Writes one coil (6.5).</summary>
    WriteSingleCoil = 0x05,

    /// <summary>Writes one holding register (6.6).</summary>
    WriteSingleRegister = 0x06,

    /// <summary>Reads eight exception status outputs; serial line only (6.7).</summary>
    ReadExceptionStatus = 0x07,

    /// <summary>Tests the communication; serial line only (6.8).</summary>
    Diagnostics = 0x08,

    /// <summary>Reads a status word and the count of communication events; serial line only (6.9).</summary>
    GetCommEventCounter = 0x0B,

    /// <summary>Reads the log of communication events; serial line only (6.10).</summary>
    GetCommEventLog = 0x0C,

    /// <summary>Writes 1 to 1,968 coils (6.11).</summary>
    WriteMultipleCoils = 0x0F,

    /// <summary>Writes 1 to 123 holding registers (6.12).</summary>
    WriteMultipleRegisters = 0x10,

    /// <summary>Reads the description of a device; serial line only (6.13).</summary>
    ReportServerId = 0x11,

    /// <summary>Reads records of files (6.14).</summary>
    ReadFileRecord = 0x14,

    /// <summary>Writes records of files (6.15).</summary>
    WriteFileRecord = 0x15,

    /// <summary>Changes bits of one holding register with an AND mask and an OR mask (6.16).</summary>
    MaskWriteRegister = 0x16,

    /// <summary>Writes 1 to 121 holding registers, then reads 1 to 125 (6.17).</summary>
    ReadWriteMultipleRegisters = 0x17,

    /// <summary>Reads up to 31 registers of a queue (6.18).</summary>
    ReadFifoQueue = 0x18,

    /// <summary>Carries another interface, such as the device identification (6.19 to 6.21).</summary>
    EncapsulatedInterface = 0x2B,
}
