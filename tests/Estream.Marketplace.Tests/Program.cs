using Estream.Marketplace.Tests.Mutations;
using Estream.Marketplace.Tests.Trust.Roles;

namespace Estream.Marketplace.Tests;

/// <summary>Runs code in its own process, so that a test can kill the process. The first argument selects the code.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        switch (arguments)
        {
            case [RefreshingProcess.Argument, string registry, string state]:
                await RefreshingProcess.RunAsync(registry, state);
                return 0;
            case [MutantProcess.Argument]:
                await MutantProcess.RunAsync();
                return 0;
            default:
                await Console.Error.WriteLineAsync(
                    $"The arguments '{string.Join(' ', arguments)}' are not valid. Run the tests with dotnet test.");
                return 2;
        }
    }
}
