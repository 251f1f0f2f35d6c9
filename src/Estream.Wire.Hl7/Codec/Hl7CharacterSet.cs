using System.Text;

namespace Estream.Wire.Hl7.Codec;

/// <summary>A character set of MSH-18 (HL7 table 0211). Immutable and thread-safe.</summary>
public sealed class Hl7CharacterSet
{
    /// <summary>The maximum length of a name in MSH-18.</summary>
    internal const int MaxName = 32;

    private readonly Encoding? _encoding;

    private Hl7CharacterSet(string name, Encoding? encoding, bool isAsciiBased = true)
    {
        Name = name;
        _encoding = encoding;
        IsAsciiBased = isAsciiBased;
    }

    /// <summary>The character set of messages without MSH-18: UTF-8, and for a value that is not UTF-8, ISO 8859-1. ASCII, the default of
    /// the
    /// standard, is a part of both.</summary>
    public static Hl7CharacterSet Unspecified { get; } = new("", null);

    /// <summary>UTF-8.</summary>
    public static Hl7CharacterSet Utf8 { get; } = new("UNICODE UTF-8", Encoding.UTF8);

    // After the sets above, which it contains: static members are initialized in the order of the text.
    private static readonly Dictionary<string, Hl7CharacterSet> s_all = CreateAll();

    /// <summary>The name in MSH-18; empty for <see cref="Unspecified"/>.</summary>
    public string Name { get; }

    /// <summary>Whether bytes below 0x80 are always ASCII.</summary>
    internal bool IsAsciiBased { get; }

    /// <summary>Finds a character set.</summary>
    /// <param name="name">The value of MSH-18; empty for <see cref="Unspecified"/>. Of several repetitions, the first is used: the others
    /// are
    /// alternates that only escape sequences select.</param>
    /// <param name="set">The character set.</param>
    /// <returns>False if the character set is unknown or switches code pages (ISO 2022).</returns>
    public static bool TryFind(ReadOnlySpan<byte> name, out Hl7CharacterSet set)
    {
        set = Unspecified;
        if (name.IsEmpty)
        {
            return true;
        }

        if (name.Length > MaxName)
        {
            return false;
        }

        Span<char> text = stackalloc char[MaxName];
        int length = Encoding.Latin1.GetChars(name, text);
        if (!s_all.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text[..length], out Hl7CharacterSet? found))
        {
            return false;
        }

        set = found;
        return true;
    }

    /// <summary>Converts a value to UTF-8. Bytes that the character set does not define become U+FFFD.</summary>
    /// <param name="source">The value in this character set.</param>
    /// <param name="destination">Receives the value; <see cref="MaxUtf8Length"/> bytes suffice.</param>
    /// <returns>Bytes written.</returns>
    internal int ToUtf8(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (_encoding is null && System.Text.Unicode.Utf8.IsValid(source))
        {
            source.CopyTo(destination);
            return source.Length;
        }

        Encoding encoding = _encoding ?? Encoding.Latin1;
        char[] chars = System.Buffers.ArrayPool<char>.Shared.Rent(encoding.GetMaxCharCount(source.Length));
        int count = encoding.GetChars(source, chars);
        int written = Encoding.UTF8.GetBytes(chars.AsSpan(0, count), destination);
        System.Buffers.ArrayPool<char>.Shared.Return(chars, clearArray: true);
        return written;
    }

    /// <summary>The maximum length in UTF-8 of a value.</summary>
    internal static int MaxUtf8Length(int length) => 3 * (length + 1);

    private static Dictionary<string, Hl7CharacterSet> CreateAll()
    {
        Dictionary<string, Hl7CharacterSet> all = new(StringComparer.OrdinalIgnoreCase);
        Add(all, Unspecified, "ASCII", "US-ASCII");
        Add(all, Utf8, "UNICODE UTF-8", "UTF-8", "UTF8", "UNICODE");
        foreach (int part in new[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 15 })
        {
            Encoding encoding = part == 1 ? Encoding.Latin1 : CodePage($"iso-8859-{part}");
            Add(all, new Hl7CharacterSet($"8859/{part}", encoding), $"8859/{part}", $"ISO-8859-{part}", $"ISO IR{part switch
            {
                1 => "100", 2 => "101", 3 => "109", 4 => "110", 5 => "144", 6 => "127", 7 => "126", 8 => "138", 9 => "148", _ => "203",
            }}");
        }


        // BIG-5 and GB 18030 are not supported: their characters contain bytes that equal delimiters.
        Add(all, new Hl7CharacterSet("KS X 1001", CodePage("euc-kr")), "KS X 1001");
        Add(all, new Hl7CharacterSet("windows-1252", CodePage("windows-1252")), "WINDOWS-1252", "CP1252");
        return all;
    }

    // The provider is asked directly: registering it would change Encoding.GetEncoding for the whole process.
    private static Encoding CodePage(string name) =>
        CodePagesEncodingProvider.Instance.GetEncoding(name)
        ?? throw new InvalidOperationException($"The runtime has no encoding {name}.");

    private static void Add(Dictionary<string, Hl7CharacterSet> all, Hl7CharacterSet set, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            all.Add(name, set);
        }
    }
}
