using System.Globalization;
using System.Text;

namespace Estream.Marketplace.Governance;

/// <summary>Characters in text that nobody sees and that programs read: those that turn the order of what is shown, and those in which whole programs were hidden.</summary>
/// <remarks>Bidirectional controls (CVE-2021-42574), tag characters, the supplement of variation selectors, and several variation selectors in a row, each of which stands for a byte. One behind a character is how emoji are written.</remarks>
internal static class HiddenText
{
    private static readonly string[] s_endings = [".js", ".mjs", ".cjs", ".ts", ".css", ".html", ".svg", ".json", ".yaml", ".yml", ".toml", ".md", ".txt", ".sv", ".py", ".sh", ".cs"];

    /// <summary>Whether a file is text that is looked through, by its name.</summary>
    public static bool IsText(string path) => s_endings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    /// <summary>What is hidden in a text, with its line; null where nothing is.</summary>
    public static string? Find(ReadOnlySpan<byte> utf8)
    {
        int line = 1, selectors = 0;
        while (!utf8.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(utf8, out Rune rune, out int length) != System.Buffers.OperationStatus.Done)
            {
                return string.Create(CultureInfo.InvariantCulture, $"line {line} is no UTF-8");
            }

            selectors = rune.Value is >= 0xFE00 and <= 0xFE0F ? selectors + 1 : 0;
            if (selectors > 1 || rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or (>= 0xE0000 and <= 0xE01EF))
            {
                return string.Create(CultureInfo.InvariantCulture, $"line {line} has the character U+{rune.Value:X4}, which nobody sees");
            }

            line += rune.Value == '\n' ? 1 : 0;
            utf8 = utf8[length..];
        }

        return null;
    }
}
