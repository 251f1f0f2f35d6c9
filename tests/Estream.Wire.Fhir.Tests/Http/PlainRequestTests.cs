using System.Net;
using Estream.Testing;
using Estream.Wire.Fhir.Tests.Rig;

namespace Estream.Wire.Fhir.Tests.Http;

/// <summary>How a server with TLS answers plain HTTP.</summary>
public sealed class PlainRequestTests
{
    [Fact]
    public async Task Plain_request_to_a_server_with_TLS_is_answered_with_the_scheme_to_use()
    {
        using TestAuthority authority = new();
        using var certificate = authority.Write("ehr");
        await using ServerRig server = await ServerRig.StartAsync(options => options with
        {
            Tls = new WireServerTlsOptions { CertificateFile = authority.Combine("ehr.crt"), KeyFile = authority.Combine("ehr.key") },
        });
        server.Trust(authority.CaFile);
        using HttpClient plain = new();

        using HttpResponseMessage answer = await plain.GetAsync(new UriBuilder(server.BaseUrl) { Scheme = "http" }.Uri);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("Use https://", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await server.CreateAsync("Patient", """{"resourceType":"Patient"}""");
    }
}
