using Estream.Core;

namespace Estream.Map;

public sealed partial class StateMap<TKey, TValue>
{
    // What no write has to wait for, and takes long: making a large table, and writing the last of one to the device.
    private sealed partial class ManyWriters
    {
        private Task? _background;

        /// <summary>
        /// Does what no write needs: at once, or where it takes long by a thread of its own. What storage refuses is tried again by a later
        /// write; a map that has no room at all reports it, see <see cref="MakeRoom"/>.
        /// </summary>
        /// <returns>Whether it was done or is being done.</returns>
        private bool TryInBackground(bool isLarge, Func<bool> work)
        {
            if (isLarge)
            {
                return TryStart(work);
            }

            try
            {
                return work();
            }
            catch (EstreamStorageException)
            {
                return false;
            }
        }

        private bool TryStart(Func<bool> work)
        {
            Task? before = _background;
            if (before is { IsCompleted: false })
            {
                return false;
            }

            var task = new Task(() => TryInBackground(isLarge: false, work), TaskCreationOptions.LongRunning);
            if (Interlocked.CompareExchange(ref _background, task, before) != before)
            {
                return false;
            }

            task.Start(TaskScheduler.Default);
            return true;
        }

        private void AwaitBackground()
        {
            try
            {
                _background?.GetAwaiter().GetResult();
            }
            catch (EstreamException)
            {
                // The map is as whole as before; who wants room in it hears of it.
            }
        }
    }
}
