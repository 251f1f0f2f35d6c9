using System.Text;
using System.Text.Json;
using Estream.Crypto;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Releases;
using Estream.Testing;
using Microsoft.Playwright;

namespace Estream.E2e;

/// <summary>
/// Checks releases in the browser, by code that follows docs/formats/release.md alone. WebCrypto verifies the library's signatures with the
/// context of the release type and not without it, and the library verifies the signatures of WebCrypto. A browser without the algorithm
/// must throw NotSupportedError.
/// </summary>
public sealed class ReleaseTests
{
    private static readonly string[] s_flags = ["--enable-experimental-web-platform-features", "--enable-blink-features=WebCryptoPQC"];

    private const string Script = """
        async text => {
          const { Envelope, PublicKey } = JSON.parse(text), name = 'ML-DSA-87', subtle = crypto.subtle, utf8 = new TextEncoder();
          const bytes = base64 => Uint8Array.from(atob(base64), one => one.charCodeAt(0));
          const base64 = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer)));
          const hex = buffer => Array.from(new Uint8Array(buffer), one => one.toString(16).padStart(2, '0')).join('');
          const idOf = async key => hex(await subtle.digest('SHA-256', await subtle.exportKey('spki', key)));
          const context = utf8.encode('estream-mkt/release/v1');
          let theirs;
          try {
            theirs = await subtle.generateKey(name, true, ['sign', 'verify']);
          } catch (error) {
            return JSON.stringify({ Refused: error.name });
          }
          const envelope = JSON.parse(Envelope), payload = bytes(envelope.payload), type = utf8.encode(envelope.payloadType);
          const head = utf8.encode(`DSSEv1 ${type.length} ${envelope.payloadType} ${payload.length} `);
          const encoded = new Uint8Array([...head, ...payload]);
          const key = await subtle.importKey('raw-public', bytes(PublicKey), name, true, ['verify']);
          const id = await idOf(key), signature = bytes(envelope.signatures.find(one => one.keyid === id)?.sig ?? '');
          const release = JSON.parse(new TextDecoder().decode(payload));
          return JSON.stringify({
            Refused: null,
            Id: id,
            Name: release.name,
            Digest: hex(await subtle.digest('SHA-256', payload)),
            Verified: await subtle.verify({ name, context }, key, signature, encoded),
            VerifiedWithoutContext: await subtle.verify(name, key, signature, encoded),
            VerifiedOther: await subtle.verify({ name, context }, key, signature, payload),
            TheirKey: base64(await subtle.exportKey('raw-public', theirs.publicKey)),
            TheirEnvelope: JSON.stringify({
              payloadType: envelope.payloadType,
              payload: envelope.payload,
              signatures: [{ keyid: await idOf(theirs.publicKey), sig: base64(await subtle.sign({ name, context }, theirs.privateKey, encoded)) }],
            }),
          });
        }
        """;

    [PeerFact("chromium", "chromium")]
    public async Task Browser_and_library_verify_each_others_releases()
    {
        await using Chromium chromium = await Chromium.LaunchAsync(s_flags);
        IPage page = await chromium.OpenEmptyAsync();
        using DocumentSigner author = DocumentSigner.Generate();
        PackageFacts package = new()
        {
            Name = "@acme/meter", Version = "1.2.0", Category = "console-widget", Root256 = new string('1', 64),
            Root3 = new string('2', 64), ManifestSha256 = new string('3', 64), License = "é \"quoted\"",
        };
        ReleaseStatement release = new() { Package = package };
        string question = JsonSerializer.Serialize(
            new { Envelope = Encoding.UTF8.GetString(release.Sign(author)),
                PublicKey = Convert.ToBase64String(author.Key.MlDsa87.PublicKey.Span) });
        Answer answer = JsonSerializer.Deserialize<Answer>(await page.EvaluateAsync<string>(Script, question))!;
        if (answer.Refused is not null)
        {
            Assert.Equal(("NotSupportedError", false), (answer.Refused, chromium.HasMlDsa));
            return;
        }

        Assert.Equal((author.Key.Id, "@acme/meter", release.Digest()), (answer.Id, answer.Name, answer.Digest));
        Assert.True(answer.Verified);
        Assert.False(answer.VerifiedWithoutContext);
        Assert.False(answer.VerifiedOther);
        DocumentKey theirs = new(MlDsa87PublicKey.Import(Convert.FromBase64String(answer.TheirKey!)));
        ReleaseOutcome outcome = ReleaseVerifier.Verify(Encoding.UTF8.GetBytes(answer.TheirEnvelope!), package, [theirs], 1);
        Assert.True(outcome.IsVerified, outcome.Fault?.ToString());
        Assert.Equal(release.Digest(), outcome.Digest);
        Assert.False(ReleaseVerifier.Verify(Encoding.UTF8.GetBytes(answer.TheirEnvelope!), package, [author.Key], 1).IsVerified);
    }

    private sealed record Answer(
        string? Refused, string? Id, string? Name, string? Digest, bool Verified, bool VerifiedWithoutContext, bool VerifiedOther,
        string? TheirKey, string? TheirEnvelope);
}
