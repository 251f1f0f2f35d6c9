using System.Net;

namespace Estream.Host.Configuration;

/// <summary>A local address to listen on: a literal, because a name may resolve to something else tomorrow.</summary>
internal sealed class AddressShape : ScalarShape
{
    public static AddressShape Instance { get; } = new();

    public override string Expectation => "an IP address such as 127.0.0.1, ::1 or 0.0.0.0, or localhost";

    /// <summary>Reads what <see cref="Accepts"/> let through.</summary>
    public static IPAddress Parse(string text) =>
        string.Equals(text, "localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback : IPAddress.Parse(text);

    // IPAddress.TryParse takes "1" and "0x7f.1" too; such a value is a slip far more often than an address.
    protected override bool Accepts(string text) =>
        string.Equals(text, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(text, out _) && (text.Contains(':') || text.Count(c => c == '.') == 3));
}
