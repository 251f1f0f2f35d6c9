using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Tests.Trust.Roles;

/// <summary>Files that the policy names are downloaded only with the expected bytes.</summary>
public sealed class FileDownloadTests : IDisposable
{
    private static readonly byte[] s_content = [.. Enumerable.Range(0, 200_000).Select(number => (byte)(number * 7))];

    private readonly RegistryRig _rig = new();
    private readonly DocumentReference _reference = DocumentReference.Of(1, s_content);

    public FileDownloadTests()
    {
        _rig.Targets = _rig.Targets with { Files = new Dictionary<string, DocumentReference> { ["licenses/apache-2.0.txt"] = _reference } };
        _rig.Source.Files[Name] = s_content;
        _rig.Publish();
    }

    private string Name => $"files/{_reference.Sha256}";

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Downloaded_file_matches_its_reference()
    {
        (RoleFault? fault, byte[] bytes) = await DownloadAsync();
        Assert.Null(fault);
        Assert.Equal(s_content, bytes);
    }

    [Fact]
    public async Task Download_with_other_bytes_is_rejected()
    {
        byte[] other = [.. s_content];
        other[^1] ^= 1;
        _rig.Source.Files[Name] = other;
        Assert.Equal(RoleFaultKind.Digest, (await DownloadAsync()).Fault!.Kind);
        _rig.Source.Files[Name] = s_content[..^1];
        Assert.Equal(RoleFaultKind.Size, (await DownloadAsync()).Fault!.Kind);
        _rig.Source.Files[Name] = [.. s_content, 0];
        Assert.Equal(RoleFaultKind.Size, (await DownloadAsync()).Fault!.Kind);
    }

    [Fact]
    public async Task Endless_file_stops_at_declared_length()
    {
        EndlessStream endless = new(s_content);
        _rig.Source.Endless[Name] = endless;
        (RoleFault? fault, byte[] bytes) = await DownloadAsync();
        Assert.Equal(RoleFaultKind.Size, fault!.Kind);
        Assert.Equal(s_content.Length + 1, endless.Given);
        Assert.Empty(bytes);
    }

    [Fact]
    public async Task Unlisted_or_missing_file_is_reported_as_missing()
    {
        TrustedRoles roles = await _rig.RefreshAsync();
        Assert.Equal(RoleFaultKind.Missing, (await TrustClient.DownloadAsync(_rig.Source, roles, "licenses/other.txt", Stream.Null))!.Kind);
        _rig.Source.Files.Remove(Name);
        Assert.Equal(RoleFaultKind.Missing, (await DownloadAsync()).Fault!.Kind);
    }

    private async Task<(RoleFault? Fault, byte[] Bytes)> DownloadAsync()
    {
        using MemoryStream destination = new();
        RoleFault? fault = await TrustClient.DownloadAsync(_rig.Source, await _rig.RefreshAsync(), "licenses/apache-2.0.txt", destination);
        return (fault, destination.ToArray());
    }
}
