using System.Runtime.ExceptionServices;

namespace Estream.Circuits.Running;

/// <summary>Closes several things one behind the other, the rest also where one of them fails: what is left open keeps its files from
/// whoever comes next.</summary>
internal static class OrderedDisposal
{
    /// <summary>As a step of <see cref="AllAsync"/>.</summary>
    public static Func<ValueTask> Of(Action close) => () =>
    {
        close();
        return ValueTask.CompletedTask;
    };

    /// <summary>Closes all.</summary>
    /// <param name="steps">What is done, in this order; each is asked for behind the one before.</param>
    /// <remarks>Throws the first failure, behind the last step.</remarks>
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
