using System.Text;

namespace Estream.Wire.Tools.Recording;

/// <summary>
/// Replies of FIX, counted in messages and compared field by field. The times of sending (52, 122) and the fields that depend on these
/// times (9, 10) are not compared.
/// </summary>
/// <param name="compares">Whether to compare the replies, or only count them.</param>
internal sealed class FixReplies(bool compares) : IReplies
{
    private const byte Soh = 1;
    private const int MostShownBytes = 64;

    private readonly FixSplitter _ofRecording = new();
    private readonly FixSplitter _ofServer = new();
    private readonly Queue<byte[]> _recorded = new();
    private readonly Queue<byte[]> _came = new();
    private long _compared;

    public long Expected { get; private set; }

    public long Received { get; private set; }

    public string Unit => "messages";

    public string? Difference { get; private set; }

    public void Expect(ReadOnlySpan<byte> bytes)
    {
        _ofRecording.Add(bytes);
        Expected += Cut(_ofRecording, _recorded);
        if (_ofRecording.IsLost)
        {
            Difference ??= $"the bytes after message {Expected} of the recording are not FIX: replay it without --protocol fix";
        }
    }

    public void Take(ReadOnlySpan<byte> bytes)
    {
        _ofServer.Add(bytes);
        Received += Cut(_ofServer, _came);
        if (_ofServer.IsLost)
        {
            Difference ??= $"the bytes received after message {Received} are not FIX";
        }
    }

    /// <summary>The first difference of two messages; null for none.</summary>
    internal static string? Compare(ReadOnlySpan<byte> came, ReadOnlySpan<byte> recorded)
    {
        while (true)
        {
            bool isThere = TryNext(ref came, out ReadOnlySpan<byte> field);
            bool wasThere = TryNext(ref recorded, out ReadOnlySpan<byte> before);
            if (!isThere && !wasThere)
            {
                return null;
            }

            if (!isThere || !wasThere || !field.SequenceEqual(before))
            {
                return isThere && wasThere ? $"received {Shown(field)}, expected {Shown(before)}" : isThere
                    ? $"received {Shown(field)}, expected no field"
                    : $"received no field, expected {Shown(before)}";
            }
        }
    }

    private int Cut(FixSplitter splitter, Queue<byte[]> side)
    {
        int count = 0;
        for (; splitter.TryTake(out byte[] message); count++)
        {
            if (compares)
            {
                side.Enqueue(message);
            }
        }

        while (_came.Count > 0 && _recorded.Count > 0)
        {
            _compared++;
            byte[] came = _came.Dequeue();
            if (Compare(came, _recorded.Dequeue()) is { } difference)
            {
                Difference ??= $"reply message {_compared} ({Shown(TypeOf(came))}): {difference}";
            }
        }

        return count;
    }

    /// <summary>The next field to compare, without its separator.</summary>
    private static bool TryNext(scoped ref ReadOnlySpan<byte> fields, out ReadOnlySpan<byte> field)
    {
        while (!fields.IsEmpty)
        {
            int end = fields.IndexOf(Soh);
            field = end < 0 ? fields : fields[..end];
            fields = end < 0 ? default : fields[(end + 1)..];
            if (!IsPassedOver(field))
            {
                return true;
            }
        }

        field = default;
        return false;
    }

    private static bool IsPassedOver(ReadOnlySpan<byte> field)
    {
        return field.StartsWith("9="u8) || field.StartsWith("10="u8) || field.StartsWith("52="u8) || field.StartsWith("122="u8);
    }

    private static ReadOnlySpan<byte> TypeOf(ReadOnlySpan<byte> message)
    {
        while (TryNext(ref message, out ReadOnlySpan<byte> field))
        {
            if (field.StartsWith("35="u8))
            {
                return field;
            }
        }

        return "35="u8;
    }

    // A recording has asterisks in place of passwords, so the description of a difference has them too.
    private static string Shown(ReadOnlySpan<byte> field)
    {
        int tag = field.IndexOf((byte)'=');
        bool isSecret = field.StartsWith("554="u8) || field.StartsWith("925="u8);
        ReadOnlySpan<byte> shown = isSecret ? field[..(tag + 1)] : field[..Math.Min(field.Length, MostShownBytes)];
        string text = string.Concat(Encoding.UTF8.GetString(shown).Select(letter => char.IsControl(letter) ? '?' : letter));
        return isSecret ? $"{text}***" : shown.Length < field.Length ? $"{text}..." : text;
    }
}
