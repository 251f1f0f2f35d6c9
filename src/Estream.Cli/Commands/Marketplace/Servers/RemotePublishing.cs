using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Marketplace.Files;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>Signs a release here and submits it to a marketplace server: `publish --to`. Only signatures leave this machine.</summary>
internal static class RemotePublishing
{
    private const int MaxRootBytes = 1 << 20;

    /// <summary>Signs and submits the release of a request; returns the exit code.</summary>
    public static async Task<int> RunAsync(CliContext context, MarketplaceOutput said, PublishRequest request)
    {
        using MarketplaceConnection server = MarketplaceConnection.Open(request.To!, request.TokenFile);
        SignedRelease release = request.Signed is { } folder ? SignedReleaseFile.Read(folder)
            : await SignAsync(context, server, request).ConfigureAwait(false);
        string category = await CategoryAsync(server, release, context.Cancellation).ConfigureAwait(false);
        using MultipartFormDataContent form = new()
        {
            { new StringContent(Convert.ToHexStringLower(SHA256.HashData(release.Bytes.Span))), "package_sha256" },
            { new ReadOnlyMemoryContent(release.Entry), "entry", SignedReleaseFile.EntryName },
            { new ReadOnlyMemoryContent(release.Bytes), "package", SignedReleaseFile.PackageName },
        };
        (HttpStatusCode status, JsonDocument? answer) = await server.SendAsync(HttpMethod.Post,
            $"{MarketplaceConnection.Api}/{category}/items", form, context.Cancellation).ConfigureAwait(false);
        using (answer)
        {
            return Say(said, server, status, release, answer);
        }
    }

    private static int Say(MarketplaceOutput said, MarketplaceConnection server, HttpStatusCode status, SignedRelease release,
        JsonDocument? answer)
    {
        string[] reasons = answer?.RootElement.TryGetProperty("reasons", out JsonElement all) == true
            ? [.. all.EnumerateArray().Select(one => $"{one}")] : [];
        string outcome = status switch
        {
            HttpStatusCode.Created => "is published in",
            HttpStatusCode.OK => "already exists unchanged in",
            _ => "is pending and not published in",
        };
        string digest = release.Statement.Digest();
        said.Say($"{release.Manifest} {outcome} {server.Address}\nrelease {digest}{string.Concat(reasons.Select(one => "\n  " + one))}",
            json =>
            {
                json.WriteString("name", release.Manifest.Name.ToString());
                json.WriteString("version", release.Manifest.Version.ToString());
                json.WriteString("server", server.Address.AbsoluteUri);
                json.WriteString("outcome", status switch
                {
                    HttpStatusCode.Created => "published",
                    HttpStatusCode.OK => "unchanged",
                    _ => "pending",
                });
                json.WriteString("release", digest);
                json.WriteTexts("reasons", reasons);
            });
        return status is HttpStatusCode.Created or HttpStatusCode.OK ? ExitCode.Ok : ExitCode.No;
    }

    private static async Task<SignedRelease> SignAsync(CliContext context, MarketplaceConnection server, PublishRequest request)
    {
        Package package = PublishCommand.Read(request.File!);
        ManifestReadResult read = ManifestReader.Read(package.Manifest.Span);
        ComponentManifest manifest = read.Manifest
            ?? throw new CliException($"The manifest in '{request.File}' is not valid: {read.Diagnostics[0]}", ExitCode.No);
        string root = request.Root ?? await PinRootAsync(context, server, request.Cache).ConfigureAwait(false);
        PublishRequest verified = request with { From = server.Registry, Root = root };
        (_, string? before) = await ReleaseSigning.AskAsync(context, verified, manifest, package).ConfigureAwait(false);
        List<DocumentSigner> signers = MarketplaceOptions.Load(request.Keys);
        try
        {
            return SignedRelease.Sign(package, before, request.BuildRef, signers);
        }
        finally
        {
            signers.ForEach(signer => signer.Dispose());
        }
    }

    // Trust on first use: the first root of a server is kept, and a server that shows another one is refused from then on.
    private static async Task<string> PinRootAsync(CliContext context, MarketplaceConnection server, string cache)
    {
        string file = Path.Combine(Path.GetFullPath(cache), "roots",
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(server.Address.AbsoluteUri))) + ".root.json");
        if (!File.Exists(file))
        {
            using HttpFileSource files = new(new Uri(server.Registry + "/"));
            byte[] root = await files.ReadAsync("roles/1.root.json", MaxRootBytes, context.Cancellation).ConfigureAwait(false)
                ?? throw new CliException($"{server.Registry} has no root. Check the address, or give --root.");
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            NamedFile.Replace(file, root);
        }

        return file;
    }

    private static async Task<string> CategoryAsync(MarketplaceConnection server, SignedRelease release, CancellationToken cancellation)
    {
        string component = ComponentCategories.NameOf(release.Manifest.Category);
        (_, JsonDocument? answer) = await server.GetAsync(MarketplaceConnection.Api + "/categories", cancellation).ConfigureAwait(false);
        using (answer)
        {
            JsonElement found = answer?.RootElement.TryGetProperty("categories", out JsonElement all) == true
                ? all.EnumerateArray().FirstOrDefault(one => $"{one.GetProperty("component")}" == component) : default;
            return found.ValueKind == JsonValueKind.Object ? Uri.EscapeDataString($"{found.GetProperty("id")}")
                : throw new CliException(string.Create(CultureInfo.InvariantCulture,
                    $"{server.Address} has no category for a {component}, so it does not take {release.Manifest}."), ExitCode.No);
        }
    }
}
