using System.CommandLine;
using Estream.Marketplace.Publishing;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace pending`.</summary>
internal static class PendingCommand
{
    public static Command Create(CliContext context)
    {
        Option<string> registry = MarketplaceOptions.Registry();
        Option<bool> retry = new("--retry")
        {
            Description =
                "Has each of them decided again, by the same rules: for checks that could not be run. To be said by a timer of the system.",
        };
        Option<string[]> schemas = MarketplaceOptions.Schemas();
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "pending",
            "Lists the releases that wait in a registry, for a check that did not come to its end or for reviewers; their packages lie in "
            + "its folder, below pending/. Nothing of them is served. "
            + "With --retry each is decided again, published where it is approved, and let go where it is refused.")
        {
            registry, retry, schemas, json,
        };
        command.SetAction(async (parsed, _) =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            using RegistryOperator registered = await MarketplaceOptions.OpenAsync(context, parsed.GetRequiredValue(registry),
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
