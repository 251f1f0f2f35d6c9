using System.Globalization;
using System.Text;

namespace Estream.Marketplace.Names;

/// <summary>Characters that cannot be seen, or turn the direction of others. Thread-safe; holds no state.</summary>
internal static class HiddenCharacters
{
    /// <summary>Whether a character is one in a text of one line, where none of them has a use.</summary>
    public static bool IsHidden(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        || IsSelector(rune) || IsBlank(rune);

    /// <summary>Whether a character chooses a variant of the one before it.</summary>
    public static bool IsSelector(Rune rune) => rune.Value is (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF) or (>= 0x180B and <= 0x180D) or 0x180F;

    /// <summary>Whether it is a letter or a mark without a shape.</summary>
    public static bool IsBlank(Rune rune) => rune.Value is 0x034F or 0x115F or 0x1160 or 0x3164 or 0xFFA0;
}
