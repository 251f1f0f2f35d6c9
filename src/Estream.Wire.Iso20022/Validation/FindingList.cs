using System.Text;

namespace Estream.Wire.Iso20022.Validation;

/// <summary>The findings of a message, up to a limit, each with its path.</summary>
internal sealed class FindingList(int max)
{
    private readonly List<Iso20022Finding> _all = [];

    /// <summary>All findings, in the order of the message.</summary>
    public IReadOnlyList<Iso20022Finding> All => _all;

    /// <summary>Whether positions in the bytes are meaningful.</summary>
    public bool HasPlaces { get; set; } = true;

    /// <summary>Whether the limit is reached.</summary>
    public bool IsFull => _all.Count > max;

    /// <summary>Adds a finding, or at the limit <see cref="Iso20022Reason.TooManyFindings"/> instead.</summary>
    /// <param name="reason">The kind of error.</param>
    /// <param name="position">The position in the bytes.</param>
    /// <param name="open">The open elements.</param>
    /// <param name="last">The child element or attribute the finding is about; empty for the innermost open element itself.</param>
    /// <param name="isAttribute">Whether <paramref name="last"/> is an attribute.</param>
    /// <param name="isStranger">Whether <paramref name="last"/> is a name that the schema does not have.</param>
    public void Add(Iso20022Reason reason, long position, ReadOnlySpan<Frame> open, ReadOnlySpan<byte> last = default,
        bool isAttribute = false, bool isStranger = false)
    {
        if (_all.Count <= max)
        {
            reason = _all.Count < max ? reason : Iso20022Reason.TooManyFindings;
            _all.Add(new Iso20022Finding(reason, HasPlaces ? position : -1, PathOf(open, last, isAttribute))
            {
                EndsInStranger = isStranger,
            });
        }
    }

    public void Clear()
    {
        _all.Clear();
        HasPlaces = true;
    }

    private static string PathOf(ReadOnlySpan<Frame> open, ReadOnlySpan<byte> last, bool isAttribute)
    {
        StringBuilder path = new();
        foreach (Frame frame in open)
        {
            path.Append(path.Length > 0 ? "/" : "").Append(frame.Element);
            if (frame.Element.IsRepeatable)
            {
                path.Append('[').Append(frame.Number).Append(']');
            }
        }

        return last.IsEmpty ? path.ToString() : path.Append(path.Length > 0 ? "/" : "").Append(isAttribute ? "@" : "")
            .Append(Encoding.UTF8.GetString(last)).ToString();
    }
}
