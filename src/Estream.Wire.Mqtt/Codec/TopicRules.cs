using System.Text.Unicode;

namespace Estream.Wire.Mqtt.Codec;

/// <summary>Checks topic names and topic filters (sections 4.7 and 4.8).</summary>
internal static class TopicRules
{
    private const byte Separator = (byte)'/';
    private const byte MultiLevel = (byte)'#';
    private const byte SingleLevel = (byte)'+';

    private static ReadOnlySpan<byte> SharePrefix => "$share/"u8;

    public static bool HasWildcard(ReadOnlySpan<byte> topic)
    {
        return topic.IndexOfAny(MultiLevel, SingleLevel) >= 0;
    }

    /// <summary>Whether a topic name is valid in a PUBLISH [MQTT-4.7.3-1] [MQTT-4.7.3-2] [MQTT-4.7.3-3] [MQTT-3.3.2-2]
    /// [MQTT-1.5.4-1].</summary>
    public static bool IsValidName(ReadOnlySpan<byte> topic)
    {
        return topic.Length is > 0 and <= ushort.MaxValue && !HasWildcard(topic) && !topic.Contains((byte)0) && Utf8.IsValid(topic);
    }

    public static bool IsShared(ReadOnlySpan<byte> filter)
    {
        return filter.StartsWith(SharePrefix);
    }

    /// <summary>Whether a topic filter is well-formed, including filters of shared subscriptions.</summary>
    public static bool IsValidFilter(ReadOnlySpan<byte> filter)
    {
        if (!IsShared(filter))
        {
            return HasValidWildcards(filter);
        }

        // $share/{name}/{filter}: the name has no separator and no wildcard [MQTT-4.8.2-1] [MQTT-4.8.2-2].
        ReadOnlySpan<byte> rest = filter[SharePrefix.Length..];
        int nameLength = rest.IndexOf(Separator);
        return nameLength > 0 && !HasWildcard(rest[..nameLength]) && HasValidWildcards(rest[(nameLength + 1)..]);
    }

    /// <summary>Whether every wildcard occupies an entire level and # is the last character [MQTT-4.7.1-1] [MQTT-4.7.1-2]
    /// [MQTT-4.7.3-1].</summary>
    private static bool HasValidWildcards(ReadOnlySpan<byte> filter)
    {
        if (filter.IsEmpty)
        {
            return false;
        }

        for (int index = filter.IndexOfAny(MultiLevel, SingleLevel); index >= 0;)
        {
            bool startsLevel = index == 0 || filter[index - 1] == Separator;
            bool isLast = index == filter.Length - 1;
            bool endsLevel = isLast || (filter[index] == SingleLevel && filter[index + 1] == Separator);
            if (!startsLevel || !endsLevel)
            {
                return false;
            }

            int next = filter[(index + 1)..].IndexOfAny(MultiLevel, SingleLevel);
            index = next < 0 ? -1 : index + 1 + next;
        }

        return true;
    }
}
