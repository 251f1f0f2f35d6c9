using System.Diagnostics.CodeAnalysis;

namespace Estream.Host.Configuration;

/// <summary>An http or https address, without credentials, query or fragment.</summary>
internal sealed class EndpointShape : ScalarShape
{
    private const int MaxLength = 2048;

    public static EndpointShape Instance { get; } = new();

    public override string Expectation => "an address such as http://127.0.0.1:4317";

    public static bool TryParse(string? text, [NotNullWhen(true)] out Uri? address) =>
        Uri.TryCreate(text, UriKind.Absolute, out address) && text!.Length <= MaxLength && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
        && address.Host.Length > 0 && address.UserInfo.Length == 0 && address.Query.Length == 0 && address.Fragment.Length == 0;

    protected override bool Accepts(string text) => TryParse(text, out _);
}
