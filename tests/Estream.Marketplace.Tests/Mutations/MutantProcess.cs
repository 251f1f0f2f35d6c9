using System.Globalization;
using System.Reflection;
using System.Runtime.Loader;
using Xunit.Sdk;

namespace Estream.Marketplace.Tests.Mutations;

/// <summary>
/// Runs tests on one copy of the library after the other in one process (mutate.py): what is the same in all of them is loaded and compiled
/// once, so that a mutation costs a second and not the start of a test run. Knows of xunit what the tests here use: facts, theories with
/// their data, and classes that are disposed of.
/// </summary>
internal static class MutantProcess
{
    public const string Argument = "mutants";

    private const string Library = "Estream.Marketplace";
    private const string UntilTheFirst = "first";

    /// <summary>Reads lines until there are no more: the library's file, whether the first failure ends it (<c>first</c>) or not
    /// (<c>all</c>), and parts of the names of tests, with tabs between. Answers each with how many failed and how many passed.</summary>
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

    // The library and the tests, which are compiled against it, are its own; all else is shared.
    private sealed class Copy(string library) : AssemblyLoadContext
    {
        protected override Assembly? Load(AssemblyName assemblyName) => assemblyName.Name == Library ? LoadFromAssemblyPath(library) : null;
    }
}
