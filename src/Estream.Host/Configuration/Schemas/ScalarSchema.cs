using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>A single value. Derived classes define the accepted texts.</summary>
internal abstract class ScalarSchema : SettingSchema
{
    /// <summary>Describes the accepted values, worded to follow "expects": <c>a whole number from 0 to 65535</c>.</summary>
    public abstract string Expectation { get; }

    public sealed override void Check(IConfigurationSection section, SettingErrors errors)
    {
        if (section.GetChildren().Any())
        {
            errors.Add(section.Path, $"expects {Expectation}, not {(IsList(section) ? "a list" : "an object")}.");
        }
        else if (section.Value is { } text && !Accepts(text))
        {
            errors.Add(section.Path, $"expects {Expectation}, not {Quote(text)}.{Hint(text)}");
        }
    }

    protected abstract bool Accepts(string text);

    protected virtual string Hint(string text) => "";

    /// <summary>Quotes an untrusted value: shortens it and replaces control characters.</summary>
    internal static string Quote(string text)
    {
        const int MaxShownLength = 80;
        string shown = text.Length <= MaxShownLength ? text : string.Concat(text.AsSpan(0, MaxShownLength), "…");
        return $"\"{string.Concat(shown.Select(c => char.IsControl(c) ? '?' : c))}\"";
    }
}

/// <summary>A local address to listen on. Must be a literal, because a name may later resolve to another address.</summary>
internal sealed class AddressSchema : ScalarSchema
{
    public static AddressSchema Instance { get; } = new();

    public override string Expectation => "an IP address such as 127.0.0.1, ::1 or 0.0.0.0, or localhost";

    /// <summary>Parses a text accepted by <see cref="Accepts"/>.</summary>
    public static IPAddress Parse(string text) =>
        string.Equals(text, "localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback : IPAddress.Parse(text);

    // IPAddress.TryParse also accepts "1" and "0x7f.1", which are far more often typing errors than addresses.
    protected override bool Accepts(string text) =>
        string.Equals(text, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(text, out _) && (text.Contains(':') || text.Count(c => c == '.') == 3));
}

/// <summary>An IP address, or a network in CIDR notation.</summary>
internal sealed class NetworkSchema : ScalarSchema
{
    public static NetworkSchema Instance { get; } = new();

    public override string Expectation => "an IP address or a network such as 10.0.0.0/8";

    /// <summary>Parses a text accepted by <see cref="Accepts"/>.</summary>
    public static IPNetwork Parse(string text) => IPNetwork.TryParse(text, out IPNetwork network)
        ? network
        : new IPNetwork(IPAddress.Parse(text), IPAddress.Parse(text).GetAddressBytes().Length * 8);

    protected override bool Accepts(string text) =>
        IPNetwork.TryParse(text, out _) || (IPAddress.TryParse(text, out _) && (text.Contains(':') || text.Count(c => c == '.') == 3));
}

/// <summary>True or false.</summary>
internal sealed class BooleanSchema : ScalarSchema
{
    public static BooleanSchema Instance { get; } = new();

    public override string Expectation => "true or false";

    protected override bool Accepts(string text) => bool.TryParse(text, out _);
}

/// <summary>One of a fixed set of words.</summary>
internal sealed class ChoiceSchema(params string[] choices) : ScalarSchema
{
    public override string Expectation => $"one of {string.Join(", ", choices)}";

    protected override bool Accepts(string text) => choices.Contains(text, StringComparer.Ordinal);

    protected override string Hint(string text) => Suggestion.For(text, choices);
}

/// <summary>An http or https address, without credentials, query or fragment.</summary>
internal sealed class EndpointSchema : ScalarSchema
{
    private const int MaxLength = 2048;

    public static EndpointSchema Instance { get; } = new();

    public override string Expectation => "an address such as http://127.0.0.1:4317";

    public static bool TryParse(string? text, [NotNullWhen(true)] out Uri? address) =>
        Uri.TryCreate(text, UriKind.Absolute, out address) && text!.Length <= MaxLength
            && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
        && address.Host.Length > 0 && address.UserInfo.Length == 0 && address.Query.Length == 0 && address.Fragment.Length == 0;

    protected override bool Accepts(string text) => TryParse(text, out _);
}

/// <summary>A whole number within an inclusive range.</summary>
internal sealed class IntegerSchema(long minimum, long maximum, string unit = "") : ScalarSchema
{
    /// <summary>A TCP port; 0 lets the system choose a free port, which is logged.</summary>
    public static IntegerSchema Port { get; } = new(0, 65535);

    public override string Expectation =>
        string.Create(CultureInfo.InvariantCulture, $"a whole number{(unit.Length == 0 ? "" : " of " + unit)} from {minimum} to {maximum}");

    protected override bool Accepts(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
        && value >= minimum && value <= maximum;
}

/// <summary>A finite number.</summary>
internal sealed class RealSchema : ScalarSchema
{
    private const int MaxLength = 64;

    public static RealSchema Instance { get; } = new();

    public override string Expectation => "a number, such as 0.1";

    protected override bool Accepts(string text) => text.Length <= MaxLength
        && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value);
}

/// <summary>A non-empty text of bounded length, with an optional additional rule.</summary>
internal sealed class TextSchema(string what = "a text", int maxBytes = 4096, Func<string, bool>? rule = null) : ScalarSchema
{
    public static TextSchema Any { get; } = new();

    public static TextSchema Path { get; } = new("a path");

    public override string Expectation => what == "a text" ? $"a text of 1 to {maxBytes} bytes" : what;

    protected override bool Accepts(string text) =>
        text.Length > 0 && Encoding.UTF8.GetByteCount(text) <= maxBytes && !text.Contains('\0') && (rule is null || rule(text));
}
