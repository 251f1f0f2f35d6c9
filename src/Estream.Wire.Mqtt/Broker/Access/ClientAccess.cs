using System.Text;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>The read and write rights of one client. A deny rule overrides all other rules. Immutable and thread-safe.</summary>
internal sealed class ClientAccess
{
    private readonly byte[][] _denied;
    private readonly byte[][] _readable;
    private readonly byte[][] _writable;

    public ClientAccess(List<AccessRule> rules)
    {
        _denied = FiltersOf(rules, access => access == Access.Deny);
        _readable = FiltersOf(rules, access => access.HasFlag(Access.Read));
        _writable = FiltersOf(rules, access => access.HasFlag(Access.Write));
    }

    /// <summary>Whether the rights equal the rights of another instance.</summary>
    public bool IsSame(ClientAccess other) =>
        AreSame(_denied, other._denied) && AreSame(_readable, other._readable) && AreSame(_writable, other._writable);

    public bool MayWrite(ReadOnlySpan<byte> topic)
    {
        return IsMatched(_writable, topic) && !IsMatched(_denied, topic);
    }

    public bool MayRead(ReadOnlySpan<byte> topic)
    {
        return IsMatched(_readable, topic) && !IsMatched(_denied, topic);
    }

    /// <summary>Whether the client may read at least some topic that a filter matches.</summary>
    public bool MaySubscribe(ReadOnlySpan<byte> filter)
    {
        return IsOverlapped(_readable, filter) && !IsCovered(_denied, filter);
    }

    /// <summary>Whether the client may read every topic that a filter matches, so that no message needs a check.</summary>
    public bool MayReadAll(ReadOnlySpan<byte> filter)
    {
        return IsCovered(_readable, filter) && !IsOverlapped(_denied, filter);
    }

    private static byte[][] FiltersOf(List<AccessRule> rules, Func<Access, bool> isWanted)
    {
        return [.. rules.Where(rule => isWanted(rule.Access)).Select(rule => Encoding.UTF8.GetBytes(rule.Filter))];
    }

    private static bool AreSame(byte[][] one, byte[][] other) =>
        one.Length == other.Length && one.Zip(other).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));

    private static bool IsMatched(byte[][] filters, ReadOnlySpan<byte> topic)
    {
        foreach (byte[] filter in filters)
        {
            if (TopicFilter.Matches(filter, topic))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsCovered(byte[][] filters, ReadOnlySpan<byte> inner)
    {
        foreach (byte[] filter in filters)
        {
            if (TopicFilter.Covers(filter, inner))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsOverlapped(byte[][] filters, ReadOnlySpan<byte> other)
    {
        foreach (byte[] filter in filters)
        {
            if (TopicFilter.Overlaps(filter, other))
            {
                return true;
            }
        }

        return false;
    }
}
