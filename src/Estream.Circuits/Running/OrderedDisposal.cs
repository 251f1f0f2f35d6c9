using System.Runtime.ExceptionServices;

namespace Estream.Circuits.Running;

/// <summary>Closes several resources in order, and continues after a failure: a resource that stayed open would keep its files
/// locked.</summary>
internal static class OrderedDisposal
{
    /// <summary>Wraps an action as a step for <see cref="AllAsync"/>.</summary>
    public static Func<ValueTask> Of(Action close) => () =>
    {
        close();
        return ValueTask.CompletedTask;
    };

    /// <summary>Runs all steps.</summary>
    /// <param name="steps">The steps, in order. Each is requested after the previous step has ended.</param>
    /// <remarks>Throws the first failure after the last step.</remarks>
    public static async ValueTask AllAsync(IEnumerable<Func<ValueTask>> steps)
    {
        ExceptionDispatchInfo? failure = null;
        foreach (Func<ValueTask> close in steps)
        {
            try
            {
                await close().ConfigureAwait(false);
            }
            catch (Exception failed)
            {
                failure ??= ExceptionDispatchInfo.Capture(failed);
            }
        }

        failure?.Throw();
    }
}
