using System.Globalization;
using System.Text;
using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix;

// Optional header fields that every message of this session carries.
public sealed partial class FixSession
{
    private readonly List<(int Tag, byte[] Value)> _header = [];
    private readonly List<(int Tag, byte[] Value)> _identity = [];

    // MsgSeqNum of the last received message, in sequence or not.
    private long _lastNumber;

    private void AddIdentity(int tag, string? value)
    {
        if (value is not null)
        {
            _identity.Add((tag, CompId(value, $"field {tag}")));
        }
    }

    /// <summary>Returns a message's header fields plus the session's fields that the message does not set, in ascending order.</summary>
    private List<(int Tag, byte[] Value)> WithIdentity(List<(int Tag, byte[] Value)> header)
    {
        if (_identity.Count == 0 && !_options.SendsLastMsgSeqNumProcessed)
        {
            return header;
        }

        _header.Clear();
        _header.AddRange(header);
        _header.AddRange(_identity.Where(field => !header.Exists(other => other.Tag == field.Tag)));
        if (_options.SendsLastMsgSeqNumProcessed && !header.Exists(other => other.Tag == Tag.LastMsgSeqNumProcessed))
        {
            _header.Add((Tag.LastMsgSeqNumProcessed, Encoding.ASCII.GetBytes(_lastNumber.ToString(CultureInfo.InvariantCulture))));
        }

        _header.Sort(static (a, b) => a.Tag.CompareTo(b.Tag));
        return _header;
    }
}
