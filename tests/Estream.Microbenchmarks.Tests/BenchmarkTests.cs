using System.Linq.Expressions;
using System.Reflection;
using BenchmarkDotNet.Attributes;
using Estream.Testing;

namespace Estream.Microbenchmarks.Tests;

/// <summary>Runs each benchmark in this process without BenchmarkDotNet, so that a benchmark that fails is found by the tests.</summary>
public sealed class BenchmarkTests
{
    private const int Calls = 64;

    private static readonly Type[] s_classes =
        [.. typeof(QueueAppendBenchmarks).Assembly.GetExportedTypes().Where(type => MethodsWith<BenchmarkAttribute>(type).Length > 0)];

    /// <summary>Every class with every combination of its parameters.</summary>
    public static TheoryData<string, string> Cases
    {
        get
        {
            TheoryData<string, string> cases = [];
            foreach (Type type in s_classes)
            {
                foreach (object?[] values in Combinations(ParametersOf(type)))
                {
                    cases.Add(type.Name, string.Join(", ", values));
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Each_benchmark_runs_and_allocates_nothing(string className, string parameters)
    {
        Type type = s_classes.Single(candidate => candidate.Name == className);
        foreach (MethodInfo benchmark in MethodsWith<BenchmarkAttribute>(type))
        {
            object instance = Activator.CreateInstance(type)!;
            SetParameters(instance, parameters);
            InvokeAll(instance, MethodsWith<GlobalSetupAttribute>(type));
            try
            {
                long allocated = AllocationMeter.OnThisThread(Calls, CallOf(instance, benchmark));
                Assert.True(allocated == 0, $"{benchmark.Name} allocates {allocated} bytes in {Calls} calls.");
            }
            finally
            {
                InvokeAll(instance, MethodsWith<GlobalCleanupAttribute>(type));
            }
        }
    }

    [Fact]
    public void Each_class_measures_its_allocations()
    {
        Assert.NotEmpty(s_classes);
        Assert.All(s_classes, type => Assert.NotNull(type.GetCustomAttribute<MemoryDiagnoserAttribute>()));
    }

    // Compiles the call, because a call by reflection would allocate.
    private static Action CallOf(object instance, MethodInfo benchmark) =>
        Expression.Lambda<Action>(Expression.Call(Expression.Constant(instance), benchmark)).Compile();

    private static void SetParameters(object instance, string parameters)
    {
        PropertyInfo[] properties = ParametersOf(instance.GetType());
        object?[] values = Combinations(properties).Single(combination => string.Join(", ", combination) == parameters);
        for (int index = 0; index < properties.Length; index++)
        {
            properties[index].SetValue(instance, values[index]);
        }
    }

    private static IEnumerable<object?[]> Combinations(PropertyInfo[] properties)
    {
        IEnumerable<object?[]> combinations = [[]];
        foreach (PropertyInfo property in properties)
        {
            object?[] values = property.GetCustomAttribute<ParamsAttribute>()!.Values;
            combinations = combinations.SelectMany(combination => values, (combination, value) => (object?[])[.. combination, value]);
        }

        return combinations;
    }

    private static PropertyInfo[] ParametersOf(Type type) =>
        [.. type.GetProperties().Where(property => property.GetCustomAttribute<ParamsAttribute>() is not null)];

    private static MethodInfo[] MethodsWith<T>(Type type)
        where T : Attribute => [.. type.GetMethods().Where(method => method.GetCustomAttribute<T>() is not null)];

    private static void InvokeAll(object instance, MethodInfo[] methods) => Array.ForEach(methods, method => method.Invoke(instance, []));
}
