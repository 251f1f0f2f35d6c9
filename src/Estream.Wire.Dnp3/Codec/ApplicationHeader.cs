using System.Buffers.Binary;

namespace Estream.Wire.Dnp3.Codec;

/// <summary>Application function codes (IEEE 1815, table 4-3).</summary>
internal enum ApplicationFunction : byte
{
    Confirm = 0,
    Read = 1,
    Write = 2,
    Select = 3,
    Operate = 4,
    DirectOperate = 5,
    EnableUnsolicited = 20,
    DisableUnsolicited = 21,
    DelayMeasurement = 23,
    RecordCurrentTime = 24,
    Response = 129,
    UnsolicitedResponse = 130,
}

/// <summary>Internal indications of a response (IEEE 1815, 4.2.2.6), IIN1 in the high octet.</summary>
[Flags]
internal enum Indications : ushort
{
    None = 0,
    Broadcast = 0x0100,
    Class1Events = 0x0200,
    Class2Events = 0x0400,
    Class3Events = 0x0800,
    NeedTime = 0x1000,
    LocalControl = 0x2000,
    DeviceTrouble = 0x4000,
    DeviceRestart = 0x8000,
    FunctionNotSupported = 0x0001,
    ObjectUnknown = 0x0002,
    ParameterError = 0x0004,
    EventBufferOverflow = 0x0008,
    AlreadyExecuting = 0x0010,
    ConfigurationCorrupt = 0x0020,

    /// <summary>The bits of a request that was refused.</summary>
    Refused = FunctionNotSupported | ObjectUnknown | ParameterError,
}

/// <summary>The header of a fragment (IEEE 1815, 4.2.2).</summary>
/// <param name="IsFirst">FIR: the first fragment of a message.</param>
/// <param name="IsFinal">FIN: the last fragment of a message.</param>
/// <param name="NeedsConfirm">CON: the receiver confirms the fragment.</param>
/// <param name="IsUnsolicited">UNS: the sequence number is that of unsolicited responses.</param>
/// <param name="Sequence">0 to 15.</param>
/// <param name="Function">The function code.</param>
/// <param name="Indications">The indications of a response; none in a request.</param>
internal readonly record struct ApplicationHeader(
    bool IsFirst, bool IsFinal, bool NeedsConfirm, bool IsUnsolicited, byte Sequence, ApplicationFunction Function,
    Indications Indications)
{
    public const byte SequenceMask = 0x0F;
    public const int RequestBytes = 2;
    public const int ResponseBytes = 4;

    /// <summary>The longest fragment in octets that the master receives.</summary>
    public const int MaxFragmentBytes = 2_048;

    public bool IsResponse => Function >= ApplicationFunction.Response;

    /// <summary>The octets before the first object.</summary>
    public int Length => IsResponse ? ResponseBytes : RequestBytes;

    /// <summary>A request or a confirmation.</summary>
    public static ApplicationHeader Request(ApplicationFunction function, byte sequence, bool isUnsolicited = false) =>
        new(IsFirst: true, IsFinal: true, NeedsConfirm: false, isUnsolicited, sequence, function, Indications.None);

    /// <summary>Reads a header.</summary>
    /// <returns>False if the fragment is too short.</returns>
    public static bool TryRead(ReadOnlySpan<byte> fragment, out ApplicationHeader header)
    {
        header = default;
        if (fragment.Length < RequestBytes)
        {
            return false;
        }

        ApplicationFunction function = (ApplicationFunction)fragment[1];
        bool isResponse = function >= ApplicationFunction.Response;
        if (isResponse && fragment.Length < ResponseBytes)
        {
            return false;
        }

        byte control = fragment[0];
        header = new ApplicationHeader(
            (control & 0x80) != 0, (control & 0x40) != 0, (control & 0x20) != 0, (control & 0x10) != 0,
            (byte)(control & SequenceMask), function,
            isResponse ? (Indications)BinaryPrimitives.ReadUInt16BigEndian(fragment[2..]) : Indications.None);
        return true;
    }

    /// <summary>Writes the header.</summary>
    /// <returns>The octets written.</returns>
    public int Write(Span<byte> destination)
    {
        destination[0] = (byte)((IsFirst ? 0x80 : 0) | (IsFinal ? 0x40 : 0) | (NeedsConfirm ? 0x20 : 0) | (IsUnsolicited ? 0x10 : 0)
            | Sequence);
        destination[1] = (byte)Function;
        if (IsResponse)
        {
            BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)Indications);
        }

        return Length;
    }
}
