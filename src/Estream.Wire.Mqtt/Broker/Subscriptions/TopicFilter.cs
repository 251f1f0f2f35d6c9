namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>What valid topic filters mean (section 4.7): which topics they match, and how two of them lie to each other.</summary>
internal static class TopicFilter
{
    private const byte Separator = (byte)'/';

    /// <summary>How many levels a topic or a filter has; one without characters has one.</summary>
    public static int Levels(ReadOnlySpan<byte> text)
    {
        return text.Count(Separator) + 1;
    }

    /// <summary>Whether a filter matches a topic; not from a leading wildcard into the topics that begin with $ [MQTT-4.7.2-1].</summary>
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

    /// <summary>Whether one filter matches every topic that another one does.</summary>
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

    /// <summary>Whether there is a topic that both match.</summary>
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

    /// <summary>Takes the first level off.</summary>
    public static ReadOnlySpan<byte> Cut(scoped ref ReadOnlySpan<byte> text, out bool isLast)
    {
        int end = text.IndexOf(Separator);
        isLast = end < 0;
        ReadOnlySpan<byte> level = isLast ? text : text[..end];
        text = isLast ? default : text[(end + 1)..];
        return level;
    }

    /// <summary>Whether a level is #, which stands for the rest and for the level before it.</summary>
    public static bool IsRest(ReadOnlySpan<byte> level)
    {
        return level.SequenceEqual("#"u8);
    }

    /// <summary>Whether a level is +, which stands for any one.</summary>
    public static bool IsAny(ReadOnlySpan<byte> level)
    {
        return level.SequenceEqual("+"u8);
    }

    /// <summary>Whether a topic is of those that no leading wildcard finds.</summary>
    public static bool IsHidden(ReadOnlySpan<byte> topic)
    {
        return topic.StartsWith("$"u8);
    }

    private static bool BeginsWithWildcard(ReadOnlySpan<byte> filter)
    {
        return filter.StartsWith("+"u8) || filter.StartsWith("#"u8);
    }
}
