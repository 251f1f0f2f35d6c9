using System.Text;

namespace Estream.Esf.Generator.Emit;

/// <summary>Writes indented C#. Lines end with \n on every platform, so that generated code is the same everywhere.</summary>
internal sealed class CodeWriter
{
    private readonly StringBuilder _text = new();
    private int _depth;

    public CodeWriter Line(string line = "")
    {
        if (line.Length > 0)
        {
            _text.Append(' ', _depth * 4).Append(line);
        }

        _text.Append('\n');
        return this;
    }

    public CodeWriter Open(string line)
    {
        Line(line).Line("{");
        _depth++;
        return this;
    }

    public CodeWriter Close()
    {
        _depth--;
        return Line("}");
    }

    /// <summary>Writes a documentation comment of one line.</summary>
    public CodeWriter Summary(string text) => Line("/// <summary>" + Escape(text) + "</summary>");

    public override string ToString() => _text.ToString();

    private static string Escape(string text)
    {
        StringBuilder escaped = new(text.Length);
        foreach (char c in text)
        {
            escaped.Append(
                c switch { '&' => "&amp;", '<' => "&lt;", '>' => "&gt;", '\n' or '\r' or '\u2028' or '\u2029' or '\u0085' => " ",
                    _ => c.ToString() });
        }

        return escaped.ToString();
    }
}
