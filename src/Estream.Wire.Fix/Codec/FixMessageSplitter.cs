using System.Buffers;
using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix;

/// <summary>Splits bytes into FIX messages and their fields, for programs that read messages without a session. Checks the length and
/// checksum of a message and the tags of its fields. Does not use a dictionary. Reusable; copies and allocates nothing. Not
/// thread-safe.</summary>
public sealed class FixMessageSplitter
{
    private const int MaxFields = 2_048;

    private readonly FixFieldIndex _index;
    private readonly int _maxMessageBytes;

    /// <summary>Creates a splitter.</summary>
    /// <param name="protocol">The FIX version. It defines the fields whose values may contain SOH.</param>
    /// <param name="maxMessageBytes">The maximum length of a message in bytes.</param>
    public FixMessageSplitter(FixProtocol protocol, int maxMessageBytes = 65_536)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxMessageBytes);
        _index = new FixFieldIndex(protocol.DataTags, MaxFields);
        _maxMessageBytes = maxMessageBytes;
    }

    /// <summary>Reads the message that starts at the first byte.</summary>
    /// <param name="data">The received bytes of the message. Further bytes may follow.</param>
    /// <param name="message">The message, valid until the next call. Groups are not recognized; only the dictionary defines them.</param>
    /// <param name="length">The number of bytes to skip before the next call; 0 if more bytes are needed.</param>
    /// <returns><see cref="OperationStatus.Done"/>, <see cref="OperationStatus.NeedMoreData"/>, or
    /// <see cref="OperationStatus.InvalidData"/> if the bytes are not a valid message.</returns>
    public OperationStatus Split(ReadOnlySpan<byte> data, out FixMessage message, out int length)
    {
        message = default;
        FixFrameStatus status = FixFrame.TryRead(data, _maxMessageBytes, out length, out _);
        if (status != FixFrameStatus.Complete)
        {
            return status == FixFrameStatus.Incomplete ? OperationStatus.NeedMoreData : OperationStatus.InvalidData;
        }

        ReadOnlySpan<byte> bytes = data[..length];
        _index.Parse(bytes);
        if (_index.Fault.IsFault)
        {
            return OperationStatus.InvalidData;
        }

        message = new FixMessage(bytes, _index);
        return OperationStatus.Done;
    }
}
