using System.Globalization;
using System.Reflection;
using System.Runtime.Loader;
using Xunit.Sdk;

namespace Estream.Marketplace.Tests.Mutations;

/// <summary>
/// Runs tests on one mutated copy of the library after another in one process (mutate.py). Everything else is loaded and compiled only
/// once, so a mutation costs a second instead of the start of a test run. Supports the xunit features used here: facts, theories with data,
/// and disposable classes.
/// </summary>
internal static class MutantProcess
{
    public const string Argument = "mutants";

    private const string Library = "Estream.Marketplace";
    private const string UntilTheFirst = "first";

    /// <summary>Reads lines until the end of the input. Each line has, separated by tabs: the library file, whether to stop at the first
    /// failure (<c>first</c>) or not (<c>all</c>), and fragments of test names. Answers each line with the numbers of failed and passed
    /// tests.</summary>
    public static async Task RunAsync()
    {
        while (await Console.In.ReadLineAsync() is { } line)
        {
            string[] words = line.Split('\t');
            Assembly tests = new Copy(words[0]).LoadFromAssemblyPath(typeof(MutantProcess).Assembly.Location);
            (int failed, int passed) = await RunAsync(tests, words[1] == UntilTheFirst, words[2..]);
            await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"mutant {failed} {passed}"));
        }
    }

    private static async Task<(int Failed, int Passed)> RunAsync(Assembly tests, bool endsAtFailure, string[] names)
    {
        int failed = 0, passed = 0;
        foreach ((Type type, MethodInfo method) in from type in tests.GetTypes()
                                                   where type.IsPublic && !type.IsAbstract
                                                   from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance)
                                                   where names.Any(name =>
                                                       $"{type.FullName}.{method.Name}".Contains(name, StringComparison.Ordinal))
                                                           && method.GetCustomAttribute<FactAttribute>() is { Skip: null }
                                                   select (type, method))
        {
            DataAttribute[] data = [.. method.GetCustomAttributes<DataAttribute>()];
            foreach (object?[] row in data.Length == 0 ? [[]] : data.SelectMany(one => one.GetData(method)))
            {
                try
                {
                    await RunOneAsync(type, method, row);
                    passed++;
                }
                catch (Exception failure)
                {
                    failed++;
                    await Console.Error.WriteLineAsync(
                        $"{type.FullName}.{method.Name}({string.Join(", ", row)}): "
                        + $"{(failure as TargetInvocationException)?.InnerException ?? failure}");
                    if (endsAtFailure)
                    {
                        return (failed, passed);
                    }
                }
            }
        }

        return (failed, passed);
    }

    private static async Task RunOneAsync(Type type, MethodInfo method, object?[] row)
    {
        object test = Activator.CreateInstance(type)!;
        try
        {
            object?[] arguments = Reflector.ConvertArguments(method.ResolveMethodArguments(row),
                Array.ConvertAll(method.GetParameters(), parameter => parameter.ParameterType));
            await (method.Invoke(test, arguments) is Task running ? running : Task.CompletedTask);
        }
        finally
        {
            (test as IDisposable)?.Dispose();
        }
    }

    // Loads its own copy of the library and of the tests compiled against it; everything else is shared.
    private sealed class Copy(string library) : AssemblyLoadContext
    {
        protected override Assembly? Load(AssemblyName assemblyName) => assemblyName.Name == Library ? LoadFromAssemblyPath(library) : null;
    }
}
