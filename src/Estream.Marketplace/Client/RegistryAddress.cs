using System.Security.Cryptography;
using System.Text;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Registries.Git;
using Estream.Marketplace.Registries.Oci;

namespace Estream.Marketplace.Client;

/// <summary>Registries by what people write of them (docs/formats/workspace.md, "Registries and their roots"). Stateless.</summary>
public static class RegistryAddress
{
    private const string DirectoryPrefix = "directory:";
    private const string GitPrefix = "git:";
    private const string OciPrefix = "oci:";

    /// <summary>A registry. Nothing is asked of it yet; who gets it closes it, where it can be closed.</summary>
    /// <param name="address">Such as <c>directory:components</c>, <c>git:https://example.org/components.git#main</c>, <c>oci:layout</c> or
    /// <c>https://example.org/components</c>.</param>
    /// <param name="folder">Where paths begin.</param>
    /// <param name="cacheFolder">Where what is fetched with Git is kept; each repository has a folder of its own below it.</param>
    /// <param name="credentials">Who this user is at web servers; nobody where null. Git asks its own helpers.</param>
    /// <param name="proposals">Where changes of a Git repository are proposed; they are pushed to its branch where null.</param>
    /// <exception cref="EstreamRegistryException">It is no such address (<see cref="RegistryFault.Configuration"/>).</exception>
    public static IComponentRegistry Open(string address, string folder, string cacheFolder, RegistryCredentials? credentials = null,
        IPullRequests? proposals = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(cacheFolder);
        try
        {
            return PathOf(address, DirectoryPrefix) is { } files ? new DirectoryRegistry(Path.Combine(folder, files))
                : PathOf(address, OciPrefix) is { } layout ? new OciLayoutRegistry(Path.Combine(folder, layout))
                : PathOf(address, GitPrefix) is { } repository ? new GitRegistry(GitOptions(repository, cacheFolder, proposals))
                : Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) ? new HttpRegistry(uri, null, credentials)
                : throw NoAddress(address, null);
        }
        catch (ArgumentException wrong)
        {
            throw NoAddress(address, wrong);
        }
    }

    private static string? PathOf(string address, string prefix) =>
        address.Length > prefix.Length && address.StartsWith(prefix, StringComparison.Ordinal) ? address[prefix.Length..] : null;

    private static GitRegistryOptions GitOptions(string repository, string cacheFolder, IPullRequests? proposals)
    {
        int branch = repository.LastIndexOf('#');
        string remote = branch < 0 ? repository : repository[..branch];
        string folder = Path.Combine(cacheFolder, "git", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(repository))));
        return branch < 0
            ? new GitRegistryOptions { Remote = remote, CacheDirectory = folder, PullRequests = proposals }
            : new GitRegistryOptions
            {
                Remote = remote,
                CacheDirectory = folder,
                PullRequests = proposals,
                Branch = repository[(branch + 1)..],
            };
    }

    private static EstreamRegistryException NoAddress(string address, ArgumentException? cause) => new(
        RegistryFault.Configuration,
        $"'{address}' is no address of a registry{(cause is null ? "" : $": {cause.Message.Split(" (Parameter", 2)[0].TrimEnd('.')}")}. "
        + "Write directory:PATH, git:REMOTE, oci:PATH, or an address of http or https.", address, cause);
}
