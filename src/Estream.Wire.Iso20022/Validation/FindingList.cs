using System.Text;

namespace Estream.Wire.Iso20022.Validation;

/// <summary>What was found wrong with a message, up to a limit, each with the path where it is.</summary>
internal sealed class FindingList(int max)
{
    private readonly List<Iso20022Finding> _all = [];

    /// <summary>All, in the order of the message.</summary>
    public IReadOnlyList<Iso20022Finding> All => _all;

    /// <summary>Whether bytes say where something is.</summary>
    public bool HasPlaces { get; set; } = true;

    /// <summary>Whether no more are taken.</summary>
    public bool IsFull => _all.Count > max;

    /// <summary>Adds one, or says instead that there are too many.</summary>
    /// <param name="reason">What is wrong.</param>
    /// <param name="position">Where in the bytes.</param>
    /// <param name="open">The open elements.</param>
    /// <param name="last">The element or attribute in the last of them that it is about; empty for that one itself.</param>
    /// <param name="isAttribute">Whether it is an attribute.</param>
    /// <param name="isStranger">Whether its name is none of the schema's.</param>
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
