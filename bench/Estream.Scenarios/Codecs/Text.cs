using System.Text;

namespace Estream.Scenarios.Codecs;

/// <summary>A text as each codec takes it: UTF-8 for spans, a string for the classes of others. ASCII, so that both have one
/// length.</summary>
internal readonly struct Text
{
    private readonly string? _chars;

    private Text(string chars)
    {
        _chars = chars;
        Utf8 = Encoding.UTF8.GetBytes(chars);
    }

    /// <summary>Null where the field is absent.</summary>
    public byte[]? Utf8 { get; }

    /// <summary>Empty where the field is absent.</summary>
    public string Chars => _chars ?? "";

    public bool IsThere => Utf8 is not null;

    public static Text Of(string chars) => new(chars);
}
