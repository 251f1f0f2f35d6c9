using System.Globalization;
using System.Text;
using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix;

// What every message of this session says in its header beyond what the protocol asks for.
public sealed partial class FixSession
{
    private readonly List<(int Tag, byte[] Value)> _header = [];
    private readonly List<(int Tag, byte[] Value)> _identity = [];

    // MsgSeqNum of the message that came last, in turn or not.
    private long _lastNumber;

    private void AddIdentity(int tag, string? value)
    {
        if (value is not null)
        {
            _identity.Add((tag, CompId(value, $"field {tag}")));
        }
    }

    /// <summary>The fields a message brings, with those of the session that it does not bring itself, ascending.</summary>
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
