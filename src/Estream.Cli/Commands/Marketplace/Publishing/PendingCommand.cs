using System.CommandLine;
using Estream.Marketplace.Publishing;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace pending`.</summary>
internal static class PendingCommand
{
    public static Command Create(CliContext context)
    {
        Option<string> registry = MarketplaceOptions.Registry();
        registry.Required = false;
        ServerOptions server = new("The address of a marketplace server instead of --registry, as https://HOST:PORT.");
        Option<bool> retry = new("--retry")
        {
            Description =
                "Decide again on each pending release, since a check that could not run before may run now. Use a timer for it.",
        };
        Option<string[]> schemas = MarketplaceOptions.Schemas();
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "pending",
            "Lists the pending releases of a registry, for which a check could not run or approvals are missing. Their packages are in the "
            + "registry folder under pending/ and are not served. With --retry, decides on each release again and publishes or rejects it.")
        {
            registry, server.To, server.TokenFile, retry, schemas, json,
        };
        command.SetAction(async (parsed, _) =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            using MarketplaceConnection? connection = server.Open(parsed);
            if ((parsed.GetValue(registry) is null) == (connection is null))
            {
                throw new CliException("Give either --registry with a local registry, or --to with a marketplace server.");
            }

            if (connection is not null)
            {
                return parsed.GetValue(retry)
                    ? throw new CliException("--retry requires --registry. A marketplace server decides again by itself, each hour.")
                    : await RemoteModeration.ListAsync(context, said, connection).ConfigureAwait(false);
            }

            using RegistryOperator registered = await MarketplaceOptions.OpenAsync(context, parsed.GetValue(registry)!,
                parsed.GetRequiredValue(schemas)).ConfigureAwait(false);
            if (parsed.GetValue(retry))
            {
                int worst = ExitCode.Ok;
                foreach (PublishedRelease decided in await registered.DecideAgainAsync(null, context.Cancellation).ConfigureAwait(false))
                {
                    worst = Math.Max(worst, PublishCommand.Say(said, registered.Root.Registry, decided));
                }

                return worst;
            }

            IReadOnlyList<SignedRelease> waiting = registered.Pending();
            foreach (SignedRelease release in waiting)
            {
                said.Say($"{release.Manifest.Name}@{release.Manifest.Version}  {release.Statement.Package.Category}  "
                    + $"{release.Statement.Digest()}", line =>
                {
                    line.WriteString("name", release.Manifest.Name.ToString());
                    line.WriteString("version", release.Manifest.Version.ToString());
                    line.WriteString("category", release.Statement.Package.Category);
                    line.WriteString("release", release.Statement.Digest());
                });
            }

            return waiting.Count == 0 ? ExitCode.Ok : ExitCode.No;
        });
        return command;
    }
}
