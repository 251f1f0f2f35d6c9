using System.Text;
using Estream.Testing;
using Estream.Wire.Tools.Recording;

namespace Estream.Cli.Tests.Wire;

/// <summary>Credentials in headers are hidden, however the bytes arrive, and nothing else changes.</summary>
public sealed class HttpSecretsTests
{
    private const string Request =
        "GET /fhir/Patient/1 HTTP/1.1\r\nHost: example.org\r\nAUTHORIZATION: Bearer canary\r\nX-Authorization: shown\r\n"
        + "cookie: canary=1\r\nContent-Length: 24\r\n\r\n{\"authorization\":\"shown\"}";

    private const string Masked =
        "GET /fhir/Patient/1 HTTP/1.1\r\nHost: example.org\r\nAUTHORIZATION: ****** ******\r\nX-Authorization: shown\r\n"
        + "cookie: ********\r\nContent-Length: 24\r\n\r\n{\"authorization\":\"shown\"}";

    [Property(100, 10_000)]
    public void Credentials_are_hidden_at_any_split(byte[] lengths)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(Request + Request);
        HttpSecrets secrets = new();
        int done = 0;
        foreach (byte length in lengths.Append(byte.MaxValue).Append(byte.MaxValue).Append(byte.MaxValue))
        {
            int count = Math.Min(length, bytes.Length - done);
            secrets.Mask(bytes.AsSpan(done, count));
            done += count;
        }

        Assert.Equal(Masked + Masked, Encoding.ASCII.GetString(bytes));
    }

    [Theory]
    [InlineData("Set-Cookie: session=1; Path=/", "Set-Cookie: ********** ******")]
    [InlineData("Proxy-Authorization: Basic YQ==", "Proxy-Authorization: ***** ****")]
    [InlineData("Proxy-Authorizations: Basic", "Proxy-Authorizations: Basic")]
    [InlineData("ETag: W/\"1\"", "ETag: W/\"1\"")]
    public void Only_headers_with_credentials_are_hidden(string line, string masked)
    {
        byte[] bytes = Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\n{line}\r\n\r\n");
        new HttpSecrets().Mask(bytes);
        Assert.Equal($"HTTP/1.1 200 OK\r\n{masked}\r\n\r\n", Encoding.ASCII.GetString(bytes));
    }
}
