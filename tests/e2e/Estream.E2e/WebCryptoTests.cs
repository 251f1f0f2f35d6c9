using System.Text.Json;
using Estream.Crypto;
using Estream.Testing;
using Microsoft.Playwright;

namespace Estream.E2e;

/// <summary>
/// Tests ML-DSA-87 of the browser's WebCrypto in both directions: keys in three forms, signatures with and without contexts. A browser with
/// the algorithm must agree with the library. A browser without the algorithm must throw NotSupportedError.
/// </summary>
public sealed class WebCryptoTests
{
    /// <summary>Some browsers have the algorithm, but only enable it with these flags.</summary>
    private static readonly string[] s_flags = ["--enable-experimental-web-platform-features", "--enable-blink-features=WebCryptoPQC"];

    private const string Script = """
        async text => {
          const bytes = hex => Uint8Array.from(hex.match(/../g) ?? [], pair => parseInt(pair, 16));
          const hex = buffer => Array.from(new Uint8Array(buffer), byte => byte.toString(16).padStart(2, '0')).join('');
          const name = 'ML-DSA-87', subtle = crypto.subtle;
          let theirs;
          try {
            theirs = await subtle.generateKey(name, true, ['sign', 'verify']);
          } catch (error) {
            return JSON.stringify({ Refused: error.name, Answers: [] });
          }
          const answers = [];
          for (const { Info, PublicInfo, PublicKey, Data, Context, Signature } of JSON.parse(text)) {
            const algorithm = Context ? { name, context: bytes(Context) } : { name }, data = bytes(Data);
            const own = await subtle.importKey('pkcs8', bytes(Info), name, true, ['sign']);
            const key = await subtle.importKey('spki', bytes(PublicInfo), name, true, ['verify']);
            const raw = await subtle.importKey('raw-public', bytes(PublicKey), name, true, ['verify']);
            answers.push({
              SeedAgain: hex(await subtle.exportKey('raw-seed', own)),
              InfoAgain: hex(await subtle.exportKey('pkcs8', own)),
              PublicInfoAgain: hex(await subtle.exportKey('spki', raw)),
              Verified: await subtle.verify(algorithm, key, bytes(Signature), data),
              VerifiedOther: await subtle.verify(algorithm, key, bytes(Signature), bytes(Data + '00')),
              Signature: hex(await subtle.sign(algorithm, own, data)),
              TheirInfo: hex(await subtle.exportKey('pkcs8', theirs.privateKey)),
              TheirPublicKey: hex(await subtle.exportKey('raw-public', theirs.publicKey)),
              TheirSignature: hex(await subtle.sign(algorithm, theirs.privateKey, data)),
            });
          }
          return JSON.stringify({ Refused: null, Answers: answers });
        }
        """;

    [PeerFact("chromium", "chromium")]
    public async Task WebCrypto_agrees_in_both_directions_or_reports_a_missing_algorithm()
    {
        await using Chromium chromium = await Chromium.LaunchAsync(s_flags);
        IPage page = await chromium.OpenEmptyAsync();
        Case[] cases = [.. Enumerable.Range(0, LongRun.Count(10, 200)).Select(Case.Of)];
        string text = await page.EvaluateAsync<string>(Script, JsonSerializer.Serialize(cases));
        Outcome outcome = JsonSerializer.Deserialize<Outcome>(text)!;
        if (outcome.Refused is not null)
        {
            Assert.Equal(("NotSupportedError", false), (outcome.Refused, chromium.HasMlDsa));
            return;
        }

        Assert.Equal(cases.Length, outcome.Answers.Length);
        Assert.All(cases.Zip(outcome.Answers), pair => pair.First.Check(pair.Second));
    }

    private sealed record Outcome(string? Refused, Answer[] Answers);

    private sealed record Answer(
        string SeedAgain, string InfoAgain, string PublicInfoAgain, bool Verified, bool VerifiedOther, string Signature,
        string TheirInfo, string TheirPublicKey, string TheirSignature);

    private sealed record Case(string Seed, string Info, string PublicInfo, string PublicKey, string Data, string Context, string Signature)
    {
        public static Case Of(int number)
        {
            Random random = new(number);
            byte[] seed = Bytes(random, MlDsa87.SeedBytes), data = Bytes(random, number * 7), context = Bytes(random, number * 11 % 256);
            using MlDsa87PrivateKey key = MlDsa87PrivateKey.ImportSeed(seed);
            byte[] info = new byte[key.Pkcs8PrivateKeyBytes], signature = new byte[MlDsa87.SignatureBytes];
            key.ExportPkcs8PrivateKey(info);
            key.Sign(data, context, signature);
            return new Case(
                Convert.ToHexStringLower(seed), Convert.ToHexStringLower(info),
                Convert.ToHexStringLower(key.PublicKey.ExportSubjectPublicKeyInfo()),
                Convert.ToHexStringLower(key.PublicKey.PublicKey.Span), Convert.ToHexStringLower(data), Convert.ToHexStringLower(context),
                Convert.ToHexStringLower(signature));
        }

        public void Check(Answer answer)
        {
            byte[] data = Convert.FromHexString(Data), context = Convert.FromHexString(Context);
            Assert.Equal(Seed, answer.SeedAgain);
            Assert.Equal(Info, answer.InfoAgain);
            Assert.Equal(PublicInfo, answer.PublicInfoAgain);
            Assert.True(answer.Verified, $"the browser rejects a signature with a context of {context.Length} bytes");
            Assert.False(answer.VerifiedOther);
            Assert.True(MlDsa87PublicKey.Import(Convert.FromHexString(PublicKey))
                .Verify(data, context, Convert.FromHexString(answer.Signature)));
            using MlDsa87PrivateKey theirs = MlDsa87PrivateKey.ImportPkcs8PrivateKey(Convert.FromHexString(answer.TheirInfo));
            Assert.Equal(answer.TheirPublicKey, Convert.ToHexStringLower(theirs.PublicKey.PublicKey.Span));
            Assert.True(theirs.PublicKey.Verify(data, context, Convert.FromHexString(answer.TheirSignature)));
        }

        private static byte[] Bytes(Random random, int length)
        {
            byte[] bytes = new byte[length];
            random.NextBytes(bytes);
            return bytes;
        }
    }
}
