import { memo, Suspense } from 'react';
import { Route, Routes, useLocation } from 'react-router';
import { NotFound } from './NotFound';
import { PageBoundary } from './PageBoundary';
import { PageLoading } from './PageLoading';
import { routes } from './routes';

/** The open page. The shell renders with each overview, twice a second; a page renders only when its data changes. */
export const Pages = memo(function Pages() {
  const { pathname } = useLocation();
  return (
    <PageBoundary key={pathname}>
      <Suspense fallback={<PageLoading />}>
        <Routes>
          {routes.map(({ path, Page }) => (
            <Route key={path} path={path} element={<Page />} />
          ))}
          <Route path="*" element={<NotFound />} />
        </Routes>
      </Suspense>
    </PageBoundary>
  );
});
