using System.Text;

namespace Estream.Host.Configuration;

/// <summary>A non-empty text of bounded length, optionally held to a rule of its own.</summary>
internal sealed class TextShape(string what = "a text", int maxBytes = 4096, Func<string, bool>? rule = null) : ScalarShape
{
    public static TextShape Any { get; } = new();

    public static TextShape Path { get; } = new("a path");

    public override string Expectation => what == "a text" ? $"a text of 1 to {maxBytes} bytes" : what;

    protected override bool Accepts(string text) =>
        text.Length > 0 && Encoding.UTF8.GetByteCount(text) <= maxBytes && !text.Contains('\0') && (rule is null || rule(text));
}
