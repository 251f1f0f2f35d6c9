using System.Text;
using System.Text.RegularExpressions;
using Estream.Marketplace.Json;
using Estream.Marketplace.Tests.Trust.Roles;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Releases;
using Estream.Marketplace.Trust.Roles;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Trust;

/// <summary>The examples on the format pages are valid documents and are written back unchanged.</summary>
public sealed partial class FormatPageTests
{
    [Fact]
    public void Release_examples_of_the_format_page_are_valid()
    {
        byte[][] payloads = [.. Examples("release.md")];
        Assert.Equal(2, payloads.Length);
        Assert.True(ReleaseStatement.TryRead(payloads[0], out ReleaseStatement? release, out string? reason), reason);
        Assert.Equal(payloads[0], release.ToPayload());
        Assert.True(ReleaseApproval.TryRead(payloads[1], out ReleaseApproval? approval, out reason), reason);
        Assert.Equal(payloads[1], approval.ToPayload());
    }

    [Fact]
    public void Role_examples_of_the_format_page_are_valid()
    {
        byte[][] payloads = [.. Examples("roles.md")];
        Assert.Equal(4, payloads.Length);
        Assert.True(RootDocument.TryRead(payloads[0], out RootDocument? root, out string? reason), reason);
        Assert.NotNull(root.LogKeys);
        Assert.True(TimestampDocument.TryRead(payloads[1], out TimestampDocument? timestamp, out reason), reason);
        Assert.True(SnapshotDocument.TryRead(payloads[2], out SnapshotDocument? snapshot, out reason), reason);
        Assert.True(TargetsDocument.TryRead(payloads[3], out TargetsDocument? targets, out reason), reason);
        Assert.Equal(payloads, new RoleDocument[] { root, timestamp, snapshot, targets }.Select(document => document.ToPayload()));
    }

    [Fact]
    public void Document_in_a_non_exact_form_is_rejected()
    {
        using RegistryRig rig = new();
        string root = Encoding.UTF8.GetString(rig.Root.ToPayload());
        using DocumentSigner nobody = DocumentSigner.Generate();
        string unused = root.Replace("\"keys\":{\"",
            $"\"keys\":{{\"{nobody.Key.Id}\":{{\"mlDsa87\":\"{Convert.ToBase64String(nobody.Key.MlDsa87.PublicKey.Span)}\"}},\"",
            StringComparison.Ordinal);
        Assert.True(StrictJsonReader.TryRead(Encoding.UTF8.GetBytes(unused), new JsonLimits(1 << 20), out JsonValue? value, out _));
        Assert.False(RootDocument.TryRead(CanonicalJson.Write(value), out _, out string? reason));
        Assert.Contains("not in its exact form", reason, StringComparison.Ordinal);
        Assert.False(RootDocument.TryRead(Encoding.UTF8.GetBytes(root + "\n"), out _, out reason));
        Assert.Contains("canonical", reason, StringComparison.Ordinal);
        string wrongId = root.Replace(rig.RootSigners[0].Key.Id, RegistryRig.Hash('0'), StringComparison.Ordinal);
        Assert.True(StrictJsonReader.TryRead(Encoding.UTF8.GetBytes(wrongId), new JsonLimits(1 << 20), out value, out _));
        Assert.False(RootDocument.TryRead(CanonicalJson.Write(value), out _, out reason));
        Assert.Contains("the id must be the SHA-256 of the key", reason, StringComparison.Ordinal);
    }

    /// <summary>Returns the examples of a page as payloads, with keys in place of their placeholders.</summary>
    private static IEnumerable<byte[]> Examples(string page)
    {
        using DocumentSigner a = DocumentSigner.Generate(), b = DocumentSigner.Generate();
        foreach (Match example in Block().Matches(File.ReadAllText(RepositoryRoot.Combine("docs", "formats", page))))
        {
            string text = example.Groups[1].Value
                .Replace("ID-A", a.Key.Id, StringComparison.Ordinal)
                .Replace("KEY-A", Convert.ToBase64String(a.Key.MlDsa87.PublicKey.Span), StringComparison.Ordinal)
                .Replace("ID-B", b.Key.Id, StringComparison.Ordinal)
                .Replace("KEY-B", Convert.ToBase64String(b.Key.MlDsa87.PublicKey.Span), StringComparison.Ordinal);
            Assert.True(
                StrictJsonReader.TryRead(Encoding.UTF8.GetBytes(text), new JsonLimits(1 << 20), out JsonValue? value, out JsonFault? fault),
                fault?.ToString());
            yield return CanonicalJson.Write(value!);
        }
    }

    [GeneratedRegex("^```json\\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
