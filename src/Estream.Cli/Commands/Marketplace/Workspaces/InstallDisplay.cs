using Estream.Marketplace.Workspaces;
using Spectre.Console;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>Shows the progress of an installation as one redrawn line on a terminal. Shows nothing elsewhere and with JSON
/// output.</summary>
internal sealed class InstallDisplay(CliContext context, bool isJson) : IDisposable
{
    private readonly StreamWriter _text = new(context.Output, leaveOpen: true) { AutoFlush = true };

    /// <summary>Runs an operation and shows the progress it reports.</summary>
    public async Task<T> ShowAsync<T>(string doing, Func<IProgress<InstallProgress>, Task<T>> run)
    {
        if (!context.IsTerminal || isJson)
        {
            return await run(new InstallProgressDisplay(null, doing)).ConfigureAwait(false);
        }

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(_text) });
        return await console.Progress().AutoClear(true)
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(progress => run(new InstallProgressDisplay(progress.AddTask(doing), doing))).ConfigureAwait(false);
    }

    public void Dispose() => _text.Dispose();

    // Not System.Progress<T>, which calls its handler later and on another thread.
    private sealed class InstallProgressDisplay(ProgressTask? task, string doing) : IProgress<InstallProgress>
    {
        public void Report(InstallProgress value)
        {
            if (task is not null)
            {
                (task.MaxValue, task.Value) = (value.Total, value.Done);
                task.Description = Markup.Escape($"{doing} {value.Component}");
            }
        }
    }
}
