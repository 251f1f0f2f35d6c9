using Estream.Circuits;

namespace Estream.Marketplace.Governance;

/// <summary>What was found, in words for people: so many at most, and each so long at most, whatever was looked at.</summary>
internal sealed class Findings
{
    /// <summary>Most that are kept.</summary>
    public const int Most = 16;

    private const int Longest = 200;

    private readonly List<string> _texts = [];

    /// <summary>Whether nothing was found.</summary>
    public bool IsEmpty => _texts.Count == 0;

    /// <summary>What was found, in that order.</summary>
    public IReadOnlyList<string> Texts => _texts;

    /// <summary>Keeps one, on one line. It is cut where it is too long, and left out where there are enough.</summary>
    public void Add(string text)
    {
        if (_texts.Count == Most)
        {
            return;
        }

        int length = Math.Min(text.Length, Longest);
        length -= length > 0 && char.IsHighSurrogate(text[length - 1]) ? 1 : 0;
        _texts.Add(string.Create(length, text, static (line, whole) =>
        {
            for (int i = 0; i < line.Length; i++)
            {
                line[i] = char.IsControl(whole[i]) ? ' ' : whole[i];
            }
        }));
    }

    /// <summary>All of them, a line each; null where there is none.</summary>
    public string? Lines => IsEmpty ? null : string.Join('\n', _texts);
}
