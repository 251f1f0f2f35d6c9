using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>Runs operations on a local registry. A refusal by the registry becomes exit code 1.</summary>
internal static class RegistryOperation
{
    /// <summary>Loads keys, opens a registry, and runs an operation with both.</summary>
    public static async Task<T> SignedAsync<T>(CliContext context, string registry, string[] keys,
        Func<RegistryOperator, IReadOnlyList<DocumentSigner>, Task<T>> act, params string[] schemas)
    {
        List<DocumentSigner> signers = MarketplaceOptions.Load(keys);
        try
        {
            using RegistryOperator registered = await MarketplaceOptions.OpenAsync(context, registry, schemas).ConfigureAwait(false);
            return await RunAsync(() => act(registered, signers)).ConfigureAwait(false);
        }
        finally
        {
            signers.ForEach(signer => signer.Dispose());
        }
    }

    /// <summary>Runs an operation in an open registry.</summary>
    public static async Task<T> RunAsync<T>(Func<Task<T>> act)
    {
        try
        {
            return await act().ConfigureAwait(false);
        }
        catch (ArgumentException wrong)
        {
            throw new CliException(wrong.Message, ExitCode.No);
        }
        catch (EstreamRegistryException refused) when (refused.Fault is RegistryFault.Forbidden or RegistryFault.AlreadyPublished
            or RegistryFault.NotFound)
        {
            throw new CliException(refused.Message, ExitCode.No);
        }
    }
}
