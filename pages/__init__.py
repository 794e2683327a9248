"""The pages: controls, a spec, a job, figures. Each page has a folder of its own; `shared` is for all.

Streamlit runs every file that lies here at the top as a page without app.py, so none does.
"""
