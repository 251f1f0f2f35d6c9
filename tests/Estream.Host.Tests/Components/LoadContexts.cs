using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Estream.Testing;

namespace Estream.Host.Tests.Components;

/// <summary>The load contexts of components in this process, observed through weak references.</summary>
internal static class LoadContexts
{
    /// <summary>The load contexts of a version of a component, such as <c>@acme/doors 1.0.0</c>.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static WeakReference[] Of(string component) =>
        [.. AssemblyLoadContext.All.Where(context => context.Name == component).Select(context => new WeakReference(context))];

    /// <summary>The load contexts of a version of a component that are not among <paramref name="earlier"/>.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static WeakReference[] Of(string component, WeakReference[] earlier) =>
        [.. Of(component).Where(context => !earlier.Any(one => ReferenceEquals(one.Target, context.Target)))];

    /// <summary>Waits until all given load contexts are unloaded.</summary>
    public static void AwaitEnd(WeakReference[] contexts) => Eventually.True(
        () =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return contexts.All(context => !context.IsAlive);
        },
        "the old version's code is gone");
}
