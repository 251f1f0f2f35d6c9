using Estream.Circuits;

namespace Estream.Marketplace.Governance;

/// <summary>Collects findings as text for display. Limits their number and their length, whatever the input.</summary>
internal sealed class Findings
{
    /// <summary>The maximum number of findings.</summary>
    public const int Most = 16;

    private const int Longest = 200;

    private readonly List<string> _texts = [];

    /// <summary>Whether there are no findings.</summary>
    public bool IsEmpty => _texts.Count == 0;

    /// <summary>The findings, in the order they were added.</summary>
    public IReadOnlyList<string> Texts => _texts;

    /// <summary>Adds a finding on one line. Truncates a text that is too long; ignores the finding if the maximum number is
    /// reached.</summary>
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

    /// <summary>The findings, one a line; null if there are none.</summary>
    public string? Lines => IsEmpty ? null : string.Join('\n', _texts);
}
