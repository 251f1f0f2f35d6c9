using System.Security.Cryptography;
using System.Text;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Registries.Git;
using Estream.Marketplace.Registries.Oci;

namespace Estream.Marketplace.Client;

/// <summary>Opens registries by their address (docs/formats/workspace.md, "Registries and their roots"). Stateless.</summary>
public static class RegistryAddress
{
    private const string DirectoryPrefix = "directory:";
    private const string GitPrefix = "git:";
    private const string OciPrefix = "oci:";

    /// <summary>Opens a registry without accessing it. The caller disposes it if it is disposable.</summary>
    /// <param name="address">Such as <c>directory:components</c>, <c>git:https://example.org/components.git#main</c>, <c>oci:layout</c> or
    /// <c>https://example.org/components</c>.</param>
    /// <param name="folder">The folder that relative paths start from.</param>
    /// <param name="cacheFolder">The folder for data fetched with Git; each repository has its own subfolder.</param>
    /// <param name="credentials">This user's credentials for web servers; null for anonymous access. Git uses its own credential
    /// helpers.</param>
    /// <param name="proposals">Opens pull requests for changes of a Git repository; null pushes changes to its branch.</param>
    /// <exception cref="EstreamRegistryException">The address is not valid (<see cref="RegistryFault.Configuration"/>).</exception>
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
        $"'{address}' is not a registry address{(cause is null ? "" : $": {cause.Message.Split(" (Parameter", 2)[0].TrimEnd('.')}")}. "
        + "Use directory:PATH, git:REMOTE, oci:PATH, or an http or https address.", address, cause);
}
