using System.Collections.Concurrent;
using System.Globalization;

namespace Estream.Host.Metrics;

/// <summary>
/// Renders the tags of a measurement as the label text of a sample line, <c>name="value",…</c>, sorted by label name. The label text both
/// identifies a series and is written to the output, so the tags are stored in no other form. Writing into the caller's buffer does not
/// allocate.
/// </summary>
internal static class LabelText
{
    /// <summary>The maximum number of tags of a measurement; more indicate a programming error.</summary>
    public const int MaxTagCount = 8;

    /// <summary>The maximum length of a rendered label text. A longer text indicates an unbounded external value.</summary>
    public const int MaxLength = 512;

    private const int MaxCachedNames = 256;

    private static readonly ConcurrentDictionary<string, string> s_labelNames = new(StringComparer.Ordinal);

    /// <summary>Renders tags; returns false if there are too many tags or the text is too long.</summary>
    public static bool TryRender(ReadOnlySpan<KeyValuePair<string, object?>> tags, Span<char> destination, out int length)
    {
        length = 0;
        if (tags.Length > MaxTagCount)
        {
            return false;
        }

        Span<int> order = stackalloc int[MaxTagCount];
        SortByName(tags, order);
        string previous = "";
        for (int i = 0; i < tags.Length; i++)
        {
            (string tagName, object? value) = tags[order[i]];
            string name = NameOf(tagName);
            if (name == previous)
            {
                continue; // The format forbids a label twice on one sample; the first tag wins.
            }

            previous = name;
            if (!TryAppend(name, value, destination, ref length))
            {
                return false;
            }
        }

        return true;
    }

    private static void SortByName(ReadOnlySpan<KeyValuePair<string, object?>> tags, Span<int> order)
    {
        for (int i = 0; i < tags.Length; i++)
        {
            int slot = i;
            while (slot > 0 && string.CompareOrdinal(NameOf(tags[order[slot - 1]].Key), NameOf(tags[i].Key)) > 0)
            {
                order[slot] = order[slot - 1];
                slot--;
            }

            order[slot] = i;
        }
    }

    private static string NameOf(string tagName)
    {
        if (s_labelNames.TryGetValue(tagName, out string? name))
        {
            return name;
        }

        name = MetricName.Label(tagName);
        if (s_labelNames.Count < MaxCachedNames)
        {
            s_labelNames.TryAdd(tagName, name);
        }

        return name;
    }

    private static bool TryAppend(string name, object? value, Span<char> destination, ref int length)
    {
        Span<char> scratch = stackalloc char[128];
        scoped ReadOnlySpan<char> text = value switch
        {
            null => "",
            string s => s,
            bool b => b ? "true" : "false",
            ISpanFormattable f when f.TryFormat(scratch, out int written, default, CultureInfo.InvariantCulture) => scratch[..written],
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };

        // Worst case: every character escaped, plus the comma, '=' and two quotes.
        if (length + name.Length + (2 * text.Length) + 4 > destination.Length)
        {
            return false;
        }

        if (length > 0)
        {
            destination[length++] = ',';
        }

        name.CopyTo(destination[length..]);
        length += name.Length;
        destination[length++] = '=';
        destination[length++] = '"';
        foreach (char c in text)
        {
            length = AppendEscaped(c, destination, length);
        }

        destination[length++] = '"';
        return true;
    }

    private static int AppendEscaped(char c, Span<char> destination, int length)
    {
        if (c is '\\' or '"' or '\n')
        {
            destination[length++] = '\\';
            destination[length++] = c == '\n' ? 'n' : c;
        }
        else
        {
            destination[length++] = c;
        }

        return length;
    }
}
