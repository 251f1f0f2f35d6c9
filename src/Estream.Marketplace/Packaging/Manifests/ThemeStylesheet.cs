using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Text.Unicode;

namespace Estream.Marketplace.Manifests;

/// <summary>
/// The stylesheet of a <c>theme</c>: one <c>:root</c> block that sets colors of the console (docs/formats/theme.md). Either all tokens, or
/// the findings. Immutable.
/// </summary>
public sealed partial class ThemeStylesheet
{
    /// <summary>The maximum size of a stylesheet: 64 KiB.</summary>
    public const int MaxBytes = 64 << 10;

    /// <summary>The minimum contrast of a text color to each background, as WCAG 2.2 defines it.</summary>
    public const double MinContrast = 4.5;

    private const int MaxFindings = 64;

    // The colors of console/src/styles/tokens.css, light and dark. A test compares both.
    private static readonly Dictionary<string, (string Light, string Dark)> s_defaults = new(StringComparer.Ordinal)
    {
        ["--ground"] = ("#f6f7f4", "#0f1211"),
        ["--raised"] = ("#ffffff", "#171b1a"),
        ["--hover"] = ("#ebeee8", "#1d2221"),
        ["--rule"] = ("#dde1da", "#262c2a"),
        ["--rule-strong"] = ("#7c867f", "#69746f"),
        ["--ink"] = ("#161b19", "#e6ebe8"),
        ["--ink-soft"] = ("#545f59", "#9aa6a1"),
        ["--accent"] = ("#3a6100", "#c3f05a"),
        ["--accent-ground"] = ("#e7f0d4", "#232d14"),
        ["--warn"] = ("#874900", "#ffb454"),
        ["--warn-ground"] = ("#fdf0dc", "#2b2113"),
        ["--bad"] = ("#b3201a", "#ff8a80"),
        ["--bad-ground"] = ("#fbe9e7", "#2e1816"),
    };

    private static readonly string[] s_inks = ["--ink", "--ink-soft", "--accent", "--warn", "--bad"];
    private static readonly string[] s_grounds = ["--ground", "--raised", "--hover", "--accent-ground", "--warn-ground", "--bad-ground"];

    private readonly string _text;
    private readonly List<ThemeFinding> _findings = [];
    private readonly Dictionary<string, ThemeColor> _colors = new(StringComparer.Ordinal);
    private int _at;

    private ThemeStylesheet(string text) => _text = text;

    /// <summary>The tokens that a theme can set, such as <c>--accent</c>, each with its default: <c>light-dark(#a, #b)</c>.</summary>
    public static IReadOnlyDictionary<string, string> Defaults { get; } =
        s_defaults.ToDictionary(token => token.Key, token => $"light-dark({token.Value.Light}, {token.Value.Dark})",
            StringComparer.Ordinal);

    /// <summary>The tokens that the stylesheet sets, such as <c>--accent</c>, each with its value: <c>#rrggbb</c> or
    /// <c>light-dark(#rrggbb, #rrggbb)</c>. Empty if there are findings.</summary>
    public IReadOnlyDictionary<string, string> Tokens { get; private set; } = new Dictionary<string, string>();

    /// <summary>What is wrong, by line, at most 64; empty if the stylesheet is valid.</summary>
    public IReadOnlyList<ThemeFinding> Findings => _findings;

    /// <summary>Reads a stylesheet and checks its contrast. Never throws on any input.</summary>
    /// <param name="css">The bytes of the file; need not be trusted.</param>
    /// <param name="modes">The modes whose contrast is checked: <c>light</c>, <c>dark</c> or both.</param>
    public static ThemeStylesheet Read(ReadOnlySpan<byte> css, IReadOnlyList<string> modes)
    {
        ArgumentNullException.ThrowIfNull(modes);
        if (css.Length > MaxBytes || !Utf8.IsValid(css))
        {
            ThemeStylesheet refused = new("");
            refused.Refuse(css.Length > MaxBytes
                ? string.Create(CultureInfo.InvariantCulture, $"the stylesheet has more than {MaxBytes} bytes")
                : "the stylesheet is not UTF-8");
            return refused;
        }

        ThemeStylesheet read = new(Encoding.UTF8.GetString(css));
        if (read.ReadBlock())
        {
            read.CheckContrast(modes);
        }

        if (read._findings.Count == 0)
        {
            read.Tokens = read._colors.ToDictionary(color => color.Key, color => color.Value.Text, StringComparer.Ordinal);
        }

        return read;
    }

    // Returns false after an error that makes the rest unreadable.
    private bool ReadBlock()
    {
        if (!Take(":root") || !Take("{"))
        {
            Refuse("the stylesheet must be one block ':root { --token: value; }'");
            return false;
        }

        while (!Take("}"))
        {
            if (!ReadDeclaration())
            {
                return false;
            }
        }

        SkipBlank();
        if (_at < _text.Length)
        {
            Refuse("only comments may follow the block ':root { … }'");
            return false;
        }

        return true;
    }

    private bool ReadDeclaration()
    {
        SkipBlank();
        int start = _at;
        Match found = Declaration().Match(_text, _at);
        if (!found.Success)
        {
            Refuse("a declaration '--token: value;' or '}' is expected here");
            return false;
        }

        _at += found.Length;
        (string token, string value) = (found.Groups["token"].Value, found.Groups["value"].Value.Trim());
        if (!s_defaults.ContainsKey(token))
        {
            Refuse(start, $"'{Short(token)}' is not a token of the console. Use one of: {string.Join(", ", s_defaults.Keys)}");
        }
        else if (_colors.ContainsKey(token))
        {
            Refuse(start, $"'{token}' is set twice");
        }
        else if (!ThemeColor.TryParse(value, out ThemeColor color))
        {
            Refuse(start, $"'{Short(value)}' is not a color. Write #rgb, #rrggbb, or light-dark(#rrggbb, #rrggbb)");
        }
        else
        {
            _colors.Add(token, color with { Offset = start });
        }

        return true;
    }

    // A token that the theme does not set keeps its default, so the check includes the defaults.
    private void CheckContrast(IReadOnlyList<string> modes)
    {
        foreach (string mode in modes.Distinct(StringComparer.Ordinal).Where(mode => mode is "light" or "dark"))
        {
            foreach (string ink in s_inks)
            {
                foreach (string ground in s_grounds.Where(ground => _colors.ContainsKey(ink) || _colors.ContainsKey(ground)))
                {
                    (string front, string back) = (ColorOf(ink, mode), ColorOf(ground, mode));
                    double contrast = ThemeColor.Contrast(front, back);
                    if (contrast < MinContrast)
                    {
                        Refuse(
                            _colors.TryGetValue(ink, out ThemeColor own) ? own.Offset : _colors[ground].Offset,
                            string.Create(CultureInfo.InvariantCulture,
                                $"in mode {mode}, the contrast of {ink} {front} to {ground} {back} is {contrast:0.00}, and at least "
                                + $"{MinContrast} is needed"));
                    }
                }
            }
        }
    }

    private string ColorOf(string token, string mode)
    {
        (string light, string dark) = _colors.TryGetValue(token, out ThemeColor own) ? (own.Light, own.Dark) : s_defaults[token];
        return mode == "light" ? light : dark;
    }

    private bool Take(string word)
    {
        SkipBlank();
        if (!_text.AsSpan(_at).StartsWith(word, StringComparison.Ordinal))
        {
            return false;
        }

        _at += word.Length;
        return true;
    }

    private void SkipBlank()
    {
        while (_at < _text.Length)
        {
            if (_text[_at] is ' ' or '\t' or '\r' or '\n' or '\f')
            {
                _at++;
            }
            else if (_text.AsSpan(_at).StartsWith("/*", StringComparison.Ordinal)
                && _text.IndexOf("*/", _at + 2, StringComparison.Ordinal) is var end and >= 0)
            {
                _at = end + 2;
            }
            else
            {
                return;
            }
        }
    }

    private void Refuse(string message) => Refuse(_at, message);

    private void Refuse(int offset, string message)
    {
        if (_findings.Count < MaxFindings)
        {
            _findings.Add(new ThemeFinding(1 + _text.AsSpan(0, offset).Count('\n'), message));
        }
    }

    private static string Short(string text) => text.Length <= 64 ? text : text[..64] + "…";

    [GeneratedRegex(@"\G(?<token>--[A-Za-z0-9_-]+)\s*:(?<value>[^;{}]*)(?:;|(?=\}))")]
    private static partial Regex Declaration();
}

/// <summary>An error of a theme.</summary>
/// <param name="Line">The line, counted from 1.</param>
/// <param name="Message">What is wrong, and what to do.</param>
public readonly record struct ThemeFinding(int Line, string Message);

/// <summary>A color of a theme in both modes, as <c>#rrggbb</c>.</summary>
internal readonly partial record struct ThemeColor(string Light, string Dark)
{
    /// <summary>The offset of the declaration in the stylesheet.</summary>
    public int Offset { get; init; }

    /// <summary>The value as CSS.</summary>
    public string Text => Light == Dark ? Light : $"light-dark({Light}, {Dark})";

    public static bool TryParse(string value, out ThemeColor color)
    {
        Match found = Value().Match(value);
        string light = Full(found.Groups["light"].Value);
        color = new ThemeColor(light, found.Groups["dark"] is { Success: true } dark ? Full(dark.Value) : light);
        return found.Success;
    }

    /// <summary>Returns the contrast of two colors by WCAG 2.2, from 1 to 21.</summary>
    public static double Contrast(string one, string other)
    {
        (double a, double b) = (Luminance(one), Luminance(other));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    private static double Luminance(string color) =>
        (0.2126 * Linear(color, 1)) + (0.7152 * Linear(color, 3)) + (0.0722 * Linear(color, 5));

    private static double Linear(string color, int at)
    {
        double part = byte.Parse(color.AsSpan(at, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) / 255.0;
        return part <= 0.04045 ? part / 12.92 : Math.Pow((part + 0.055) / 1.055, 2.4);
    }

    private static string Full(string color) =>
        color.Length == 4 ? $"#{color[1]}{color[1]}{color[2]}{color[2]}{color[3]}{color[3]}".ToLowerInvariant() : color.ToLowerInvariant();

    [GeneratedRegex(
        @"\A(?:(?<light>#(?:[0-9A-Fa-f]{3}){1,2})|light-dark\(\s*(?<light>#(?:[0-9A-Fa-f]{3}){1,2})\s*,"
        + @"\s*(?<dark>#(?:[0-9A-Fa-f]{3}){1,2})\s*\))\z")]
    private static partial Regex Value();
}
