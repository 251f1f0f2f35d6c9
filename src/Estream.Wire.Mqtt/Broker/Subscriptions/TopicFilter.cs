namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>The semantics of valid topic filters (section 4.7): which topics they match, and how two filters relate.</summary>
internal static class TopicFilter
{
    private const byte Separator = (byte)'/';

    /// <summary>Returns the number of levels of a topic or filter; an empty text has one level.</summary>
    public static int Levels(ReadOnlySpan<byte> text)
    {
        return text.Count(Separator) + 1;
    }

    /// <summary>Whether a filter matches a topic. A leading wildcard does not match topics that begin with $ [MQTT-4.7.2-1].</summary>
    public static bool Matches(ReadOnlySpan<byte> filter, ReadOnlySpan<byte> topic)
    {
        if (IsHidden(topic) && BeginsWithWildcard(filter))
        {
            return false;
        }

        while (true)
        {
            ReadOnlySpan<byte> level = Cut(ref filter, out bool isFilterOver);
            if (IsRest(level))
            {
                return true;
            }

            ReadOnlySpan<byte> name = Cut(ref topic, out bool isTopicOver);
            if (!IsAny(level) && !level.SequenceEqual(name))
            {
                return false;
            }

            if (isFilterOver || isTopicOver)
            {
                return isTopicOver && (isFilterOver || IsRest(filter));
            }
        }
    }

    /// <summary>Whether one filter matches every topic that another filter matches.</summary>
    public static bool Covers(ReadOnlySpan<byte> outer, ReadOnlySpan<byte> inner)
    {
        if (IsHidden(inner) && BeginsWithWildcard(outer))
        {
            return false;
        }

        while (true)
        {
            ReadOnlySpan<byte> wide = Cut(ref outer, out bool isOuterOver);
            if (IsRest(wide))
            {
                return true;
            }

            ReadOnlySpan<byte> narrow = Cut(ref inner, out bool isInnerOver);
            if (IsRest(narrow) || (!IsAny(wide) && !wide.SequenceEqual(narrow)))
            {
                return false;
            }

            if (isOuterOver || isInnerOver)
            {
                return isInnerOver && (isOuterOver || IsRest(outer));
            }
        }
    }

    /// <summary>Whether some topic matches both filters.</summary>
    public static bool Overlaps(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        if ((IsHidden(one) && BeginsWithWildcard(other)) || (IsHidden(other) && BeginsWithWildcard(one)))
        {
            return false;
        }

        while (true)
        {
            ReadOnlySpan<byte> first = Cut(ref one, out bool isOneOver);
            ReadOnlySpan<byte> second = Cut(ref other, out bool isOtherOver);
            if (IsRest(first) || IsRest(second))
            {
                return true;
            }

            if (!IsAny(first) && !IsAny(second) && !first.SequenceEqual(second))
            {
                return false;
            }

            if (isOneOver || isOtherOver)
            {
                return isOneOver ? isOtherOver || IsRest(other) : IsRest(one);
            }
        }
    }

    /// <summary>Removes and returns the first level.</summary>
    public static ReadOnlySpan<byte> Cut(scoped ref ReadOnlySpan<byte> text, out bool isLast)
    {
        int end = text.IndexOf(Separator);
        isLast = end < 0;
        ReadOnlySpan<byte> level = isLast ? text : text[..end];
        text = isLast ? default : text[(end + 1)..];
        return level;
    }

    /// <summary>Whether a level is #, which matches the parent level and any number of levels below it.</summary>
    public static bool IsRest(ReadOnlySpan<byte> level)
    {
        return level.SequenceEqual("#"u8);
    }

    /// <summary>Whether a level is +, which matches any single level.</summary>
    public static bool IsAny(ReadOnlySpan<byte> level)
    {
        return level.SequenceEqual("+"u8);
    }

    /// <summary>Whether a topic begins with $, so that no leading wildcard matches it.</summary>
    public static bool IsHidden(ReadOnlySpan<byte> topic)
    {
        return topic.StartsWith("$"u8);
    }

    private static bool BeginsWithWildcard(ReadOnlySpan<byte> filter)
    {
        return filter.StartsWith("+"u8) || filter.StartsWith("#"u8);
    }
}
